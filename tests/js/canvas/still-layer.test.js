import assert from "node:assert/strict";
import test from "node:test";
import { isStill, StillLayer } from "#js/canvas/still-layer.js";
import { curve, job, noteContext } from "./paint.js";

/** A job on axes that Plotly has laid out, and how often it has been painted. */
function still(arrays = {}) {
  const one = job({ type: "scatter" }, [{ x: 1, y: 1 }], arrays);
  for (const axis of [one.xa, one.ya]) axis.range = [0, 10];
  return one;
}

function layer(t) {
  const canvases = [];
  globalThis.document = {
    createElement: () => {
      canvases.push({ getContext: () => noteContext() });
      return canvases.at(-1);
    },
  };
  t.after(() => delete globalThis.document);
  const context = noteContext();
  context.getTransform = () => ({ a: 2 });
  let painted = 0;
  const made = new StillLayer();
  const draw = (one) => {
    context.calls.length = painted = 0;
    made.paint(context, one, () => painted++);
    return { painted, pictures: context.calls.filter(([name]) => name === "drawImage") };
  };
  return { draw, canvases };
}

test("what has no numbers in the frame and no range of its own is still", () => {
  const one = still();
  const plot = { xaxis: one.xa, yaxis: one.ya };

  assert.equal(isStill(one, plot), true);
  assert.equal(isStill(still({ y: curve(1) }), plot), false);
  assert.equal(isStill({ ...one, xa: { ...one.xa } }, plot), false);
  assert.equal(isStill({ ...one, range: [0, 1] }, plot), false);
  assert.equal(isStill({ ...one, trace: { fill: "tonexty" } }, plot), false);
});

test("a still trace is painted twice, and is a picture from then on", (t) => {
  const { draw, canvases } = layer(t);
  const one = still();
  Object.assign(one.xa, { _offset: 10.3 });

  assert.deepEqual(draw(one), { painted: 1, pictures: [] });
  assert.deepEqual([draw(one).painted, draw(one).painted], [1, 0]);
  assert.deepEqual(draw(one).pictures, [["drawImage", canvases[0], 20, 0]]);
  assert.deepEqual([canvases[0].width, canvases[0].height], [201, 200]);
});

test("it is painted anew when Plotly has drawn anew, or zoomed", (t) => {
  const { draw, canvases } = layer(t);
  const one = still();
  draw(one);
  draw(one);

  const anew = { ...one, trace: { ...one.trace } };
  assert.equal(draw(anew).painted, 1);
  draw(anew);
  one.xa.range = [0, 5];
  assert.equal(draw(anew).painted, 1);
  assert.equal(canvases.length, 2);
});
