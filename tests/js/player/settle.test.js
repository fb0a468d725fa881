import assert from "node:assert/strict";
import test, { beforeEach, mock } from "node:test";
import { Playhead } from "#js/player/playhead.js";
import { Settler } from "#js/player/settle.js";

/** A stage of one panel that never gets its figure, on a page that draws at once. */
function staged({ visible }) {
  const panel = { visible, isHost: true, picture: { look() {} }, draw() {}, asked: 0 };
  panel.settle = () => {
    panel.asked += 1;
    return new Promise(() => {});
  };
  const stage = {
    panels: [panel],
    steps: [0, 100],
    frames: { active: () => [], begin() {}, pump() {}, bytes: 0 },
    root: { isConnected: true },
    emit() {},
  };
  stage.playhead = new Playhead(stage);
  stage.settler = new Settler(stage);
  return { stage, panel };
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.requestAnimationFrame = (draw) => setTimeout(() => draw(0), 16);
});

test("the first figures are asked for once, however the page begins", () => {
  const { stage, panel } = staged({ visible: true });

  stage.playhead.want = 1;
  stage.playhead.invalidate();
  stage.settler.soon(0);
  mock.timers.tick(1000);

  assert.equal(panel.asked, 1);
});

test("drawing before settling does not ask a second time", () => {
  const { stage, panel } = staged({ visible: true });

  stage.playhead.seek(1, "api");
  mock.timers.tick(100); // drawn, at rest for less than it takes
  stage.settler.soon(0);
  mock.timers.tick(1000);

  assert.equal(panel.asked, 1);
});

test("nothing is settled until it is known what is on screen", () => {
  const { stage, panel } = staged({ visible: null });

  stage.settler.soon(0);
  mock.timers.tick(100);
  assert.equal(panel.asked, 0);
  panel.visible = true;
  mock.timers.tick(100);
  assert.equal(panel.asked, 1);
});
