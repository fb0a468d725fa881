import assert from "node:assert/strict";
import test from "node:test";
import { drawHeatmap } from "#js/canvas/draw-heatmap.js";
import { curve, job, noteContext } from "./paint.js";

/** Paint two cells with their numbers; give what is called on a canvas here or there. */
function painted(t, isConnected) {
  const asides = [];
  const image = () => ({ data: new Uint8ClampedArray(8) });
  globalThis.document = {
    createElement: () => {
      const aside = noteContext();
      Object.assign(aside, {
        createImageData: image,
        getImageData: () => ({ data: [0, 0, 0, 255] }),
      });
      asides.push(aside);
      return { getContext: () => aside };
    },
  };
  t.after(() => delete globalThis.document);
  const context = noteContext();
  context.canvas = { isConnected };
  context.getTransform = () => ({ a: 1 });
  const trace = {
    type: "heatmap",
    colorscale: [
      [0, "#000000"],
      [1, "#ffffff"],
    ],
    texttemplate: "%{text}",
    zhoverformat: ".1f",
    zmin: 0,
    zmax: 1,
  };
  const cells = { ...curve(0.25, 0.75), shape: [1, 2] };
  drawHeatmap(context, job(trace, [{ x: [0, 5, 10], y: [0, 10] }], { z: cells }));
  const written = (one) =>
    one.calls.filter(([name]) => name === "fillText").map(([, text]) => text);
  return [written(context), asides.flatMap(written)];
}

test("numbers are written beside a canvas that is on the page", (t) => {
  assert.deepEqual(painted(t, true), [[], ["0.3", "0.8"]]);
});

test("numbers are written on a canvas that is beside the page itself", (t) => {
  assert.deepEqual(painted(t, false), [["0.3", "0.8"], []]);
});
