import assert from "node:assert/strict";
import test from "node:test";
import { Playback, SPEEDS } from "#js/player/playback.js";

/** A stage of `length` places whose frames are there, unless `ready` says otherwise. */
function stageOf(length, ready = () => true) {
  const stage = {
    steps: Array.from({ length }, (_, i) => i),
    frames: { active: () => [{ settled: ready }], pump() {} },
    emitted: [],
    emit: (...words) => stage.emitted.push(words),
    playhead: {
      want: 0,
      playing: false,
      source: "",
      perf: {},
      touch() {},
      wake() {},
      seek(place, source) {
        this.want = place;
        this.source = source;
      },
    },
  };
  stage.playback = new Playback(stage);
  return stage;
}

/** Let time pass in animation frames of 20 ms. */
function pass(stage, milliseconds, from = 1000) {
  for (let now = from; now <= from + milliseconds; now += 20) {
    if (stage.playhead.playing) stage.playback.advance(now);
  }
}

test("a long run plays within twelve seconds, a short one at forty places a second", () => {
  assert.equal(stageOf(2400).playback.rate, 200);
  assert.equal(stageOf(50).playback.rate, 40);
});

test("one second of playing moves on by the rate", () => {
  const stage = stageOf(200);

  stage.playback.play();
  pass(stage, 1000);

  assert.ok(Math.abs(stage.playhead.want - 40) <= 1);
});

test("a stretch may be played more slowly, and only that one", () => {
  const stage = stageOf(200);

  stage.playback.play(5);
  pass(stage, 2000);
  assert.ok(Math.abs(stage.playhead.want - 10) <= 1);

  stage.playback.pause();
  stage.playback.play();
  assert.equal(stage.playback.rate, 40);
});

test("at the end it stops there, or begins again", () => {
  const once = stageOf(20);
  once.playback.play();
  pass(once, 2000);
  assert.equal(once.playhead.want, 19);
  assert.equal(once.playhead.playing, false);

  const looped = stageOf(20);
  looped.playback.loop = true;
  looped.playback.play();
  pass(looped, 2000);
  assert.equal(looped.playhead.playing, true);
});

test("playing from the last place begins at the first", () => {
  const stage = stageOf(20);
  stage.playhead.want = 19;

  stage.playback.play();

  assert.equal(stage.playhead.want, 0);
});

test("it waits for frames, but not for ever", () => {
  const stage = stageOf(200, (place) => place < 10);

  stage.playback.play();
  pass(stage, 600);
  assert.equal(stage.playhead.want, 9);
  pass(stage, 1200, 1620);

  assert.ok(stage.playhead.want > 9);
});

test("a place picked by hand is where it goes on", () => {
  const stage = stageOf(400);
  stage.playback.play();
  pass(stage, 200);

  stage.playhead.seek(300, "slider");
  pass(stage, 40, 1220);

  assert.ok(stage.playhead.want >= 300 && stage.playhead.want <= 303);
});

test("a pause of the page does not become a leap", () => {
  const stage = stageOf(1000);
  stage.playback.play();
  pass(stage, 100);
  const { want } = stage.playhead;

  stage.playback.advance(61_000);

  assert.ok(stage.playhead.want - want <= 0.1 * stage.playback.rate + 1);
});

test("speeds go up and down a ladder and stay on it", () => {
  const { playback } = stageOf(10);

  for (let i = 0; i < 9; i++) playback.faster(1);
  assert.equal(playback.speed, SPEEDS.at(-1));
  for (let i = 0; i < 9; i++) playback.faster(-1);
  assert.equal(playback.speed, SPEEDS[0]);
});
