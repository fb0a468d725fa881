import assert from "node:assert/strict";
import test from "node:test";
import { Playhead } from "#js/player/playhead.js";

/** A playhead at place 3 of 10, on a stage that draws nothing. */
function playheadAt3() {
  const stage = {
    steps: Array.from({ length: 10 }, (_, i) => 20 * i),
    frames: { begin() {}, pump() {} },
    closed: true,
  };
  const playhead = new Playhead(stage);
  playhead.seek(3, "step");
  return playhead;
}

test("a preview comes back to where it began, however often it moved", () => {
  const playhead = playheadAt3();

  playhead.preview(7);
  playhead.preview(9);
  assert.deepEqual([playhead.want, playhead.kept], [9, 3]);
  playhead.endPreview();

  assert.deepEqual([playhead.want, playhead.kept, playhead.home], [3, 3, null]);
});

test("going somewhere while a preview is shown stays there", () => {
  const playhead = playheadAt3();

  playhead.preview(7);
  playhead.seek(7, "chart");
  playhead.endPreview();

  assert.deepEqual([playhead.want, playhead.kept], [7, 7]);
});

test("a preview of a growing run comes back to its end if that is followed", () => {
  const playhead = playheadAt3();

  playhead.preview(7);
  playhead.follow(8);
  assert.equal(playhead.want, 7);
  playhead.endPreview();
  assert.equal(playhead.want, 8);
  playhead.follow(9);

  assert.equal(playhead.want, 9);
});

test("all panels are looked at before the first of them is drawn", () => {
  /** @type {string[]} */
  const done = [];
  const panel = (/** @type {string} */ name) => ({
    visible: name !== "hidden",
    picture: { look: () => done.push(`look ${name}`) },
    draw: () => done.push(`draw ${name}`),
  });
  const playhead = playheadAt3();
  playhead.stage.panels = ["a", "hidden", "b"].map(panel);
  playhead.stage.emit = () => {};
  playhead.touch = () => {};

  playhead.tick(0, 3);

  assert.deepEqual(done, ["look a", "look b", "draw a", "draw b"]);
});

test("coming back to what is drawn draws and settles it again", async () => {
  /** @type {number[]} */
  const drawn = [];
  /** @type {number[]} */
  const settled = [];
  const { requestAnimationFrame } = globalThis;
  globalThis.requestAnimationFrame = (/** @type {FrameRequestCallback} */ then) => {
    queueMicrotask(() => then(0));
    return 0;
  };
  const playhead = playheadAt3();
  const settler = {
    running: { abort() {} },
    place: 5, // the frame of 5 is not there yet: 3 is drawn meanwhile, and 5 settled
    cancel() {
      this.running = null;
    },
    start: () => settled.push(playhead.want),
  };
  Object.assign(playhead.stage, {
    closed: false,
    root: { isConnected: true },
    panels: [
      { visible: true, picture: { look() {} }, draw: (/** @type {number} */ at) => drawn.push(at) },
    ],
    emit() {},
    settler,
  });
  playhead.stage.frames.active = () => [];
  playhead.drawn = 3;
  playhead.want = 5;

  playhead.seek(3, "slider");
  await new Promise((then) => setTimeout(then, 250));
  globalThis.requestAnimationFrame = requestAnimationFrame;

  assert.deepEqual([drawn, settled, settler.running], [[3], [3], null]);
});
