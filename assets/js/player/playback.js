/** Play, pause, speed, loop. */

import { clamp } from "../lib/numbers.js";
import { recall, remember } from "../lib/storage.js";

/** @import { Stage } from "./stage.js" */

export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
const SWEEP_SECONDS = 12;
const SMOOTH = 40;
const PATIENCE_MS = 600;

export class Playback {
  position = 0;
  last = 0;
  stalled = 0;
  speed = Number(recall("speed")) || 1;
  loop = recall("loop") === "1";
  /** Checkpoints per second that are not passed, however long the run is. */
  most = Infinity;

  /** @param {Stage} stage */
  constructor(stage) {
    this.stage = stage;
  }

  /** Checkpoints per second: at least a smooth picture, at most 12 s for a whole run. */
  get rate() {
    const rate = Math.max(this.stage.steps.length / SWEEP_SECONDS, SMOOTH) * this.speed;
    return Math.min(rate, this.most);
  }

  /** @param {number} [most] checkpoints per second at most */
  play(most = Infinity) {
    const { playhead, steps } = this.stage;
    if (playhead.playing || steps.length < 2) return;
    this.most = most;
    if (playhead.want >= steps.length - 1) playhead.seek(0, "play");
    this.position = playhead.want;
    this.last = 0;
    playhead.playing = true;
    playhead.perf.worst = 0;
    playhead.lastTick = 0;
    this.stage.emit("playing", true);
    playhead.touch();
    playhead.wake();
    this.stage.frames.pump();
  }

  pause() {
    const { playhead } = this.stage;
    if (!playhead.playing) return;
    playhead.playing = false;
    this.stage.emit("playing", false);
    playhead.touch();
  }

  toggle() {
    if (this.stage.playhead.playing) this.pause();
    else this.play();
  }

  /**
   * Called once per animation frame while playing.
   * @param {number} now
   */
  advance(now) {
    const { playhead, steps, frames } = this.stage;
    const elapsed = this.last ? Math.min(now - this.last, 100) : 0;
    this.last = now;
    if (playhead.source !== "play") {
      this.position = playhead.want;
      playhead.source = "play";
    }
    playhead.stride = Math.max(1, Math.round(this.rate / 60));
    let next = this.position + (this.rate * elapsed) / 1000;
    const end = steps.length - 1;
    if (next >= end) {
      if (this.loop) next -= end;
      else {
        playhead.seek(end, "play");
        this.pause();
        return;
      }
    }
    const index = Math.floor(next);
    const ready = frames.active().every((store) => store.settled(index));
    if (!ready && this.stalled < PATIENCE_MS) {
      this.stalled += elapsed;
      frames.pump();
      return;
    }
    if (ready) this.stalled = 0;
    this.position = next;
    if (index !== playhead.want) playhead.seek(index, "play");
  }

  /** @param {number} speed */
  setSpeed(speed) {
    this.speed = speed;
    remember("speed", String(speed));
    this.stage.emit("speed");
  }

  /** @param {number} direction 1 or −1 */
  faster(direction) {
    const at = SPEEDS.indexOf(this.speed);
    const next = clamp((at < 0 ? 2 : at) + direction, 0, SPEEDS.length - 1);
    this.setSpeed(SPEEDS[next]);
  }

  /** @param {boolean} loop */
  setLoop(loop) {
    this.loop = loop;
    remember("loop", loop ? "1" : "0");
    this.stage.emit("speed");
  }
}
