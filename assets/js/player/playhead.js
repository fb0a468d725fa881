/** The playhead: what is wanted, what is drawn, and one animation loop between them. */

import { clamp } from "../lib/numbers.js";
import { chooseDrawn } from "./choice.js";

/** @import { Stage } from "./stage.js" */

const SETTLE_MS = 150;
const KEPT_TICKS = 600;

export class Playhead {
  want = 0;
  drawn = -1;
  /** @type {number | null} where a preview comes back to; null while there is none */
  home = null;
  playing = false;
  /** Checkpoints per animation frame while playing. */
  stride = 1;
  /** Who asked for the wanted place. */
  source = "";
  scheduled = false;
  dirty = true;
  askedAt = 0;
  lastTick = 0;
  /** @type {number[]} */
  turns = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer = undefined;

  /** @param {Stage} stage */
  constructor(stage) {
    this.stage = stage;
    this.perf = {
      /** @type {number[]} milliseconds of drawing */
      ticks: [],
      /** @type {number[]} milliseconds from asking to having drawn */
      latencies: [],
      fps: 0,
      worst: 0,
      cacheBytes: 0,
    };
  }

  /** The place on screen; before the first one, the place asked for. */
  get shown() {
    return this.drawn >= 0 ? this.drawn : this.want;
  }

  /** The place that is the reader's own: a preview does not count. */
  get kept() {
    return this.home ?? this.want;
  }

  /**
   * Ask for a place and stay there; only the newest request is ever drawn.
   * @param {number} place
   * @param {string} source
   */
  seek(place, source) {
    this.home = null;
    this.move(place, source);
  }

  /**
   * Show a place for as long as the pointer is on it.
   * @param {number} place
   */
  preview(place) {
    this.home ??= this.want;
    this.move(place, "preview");
  }

  /** Come back from a preview. */
  endPreview() {
    if (this.home !== null) this.seek(this.home, "preview");
  }

  /**
   * Go to the newest place of a growing run; a preview comes back there.
   * @param {number} place
   */
  follow(place) {
    if (this.home === null) this.seek(place, "follow");
    else this.home = place;
  }

  /**
   * @param {number} place
   * @param {string} source
   */
  move(place, source) {
    const target = clamp(Math.round(place), 0, this.stage.steps.length - 1);
    if (Number.isNaN(target)) return;
    const moved = target !== this.want;
    if (moved) {
      if (!this.askedAt) this.askedAt = performance.now();
      this.source = source;
      this.want = target;
    }
    if (this.want !== this.drawn) this.wake();
    else if (moved) this.comeBack();
    this.stage.frames.begin();
    this.stage.frames.pump();
  }

  /** What is drawn already is wanted now: nothing moves, but panels may show another place. */
  comeBack() {
    this.invalidate();
    this.touch();
  }

  invalidate() {
    this.dirty = true;
    this.wake();
  }

  wake() {
    if (this.scheduled || this.stage.closed) return;
    this.scheduled = true;
    requestAnimationFrame((now) => {
      this.scheduled = false;
      if (!this.stage.closed && this.stage.root.isConnected) this.turn(now);
    });
  }

  /** @param {number} now */
  turn(now) {
    if (!this.stage.steps.length) return;
    if (this.playing) this.stage.playback.advance(now);
    const place = this.pick();
    if (this.dirty || this.drawn !== place) this.tick(now, place);
    if (this.playing) this.wake();
  }

  pick() {
    const { frames, steps } = this.stage;
    return chooseDrawn(frames.active(), this.want, this.drawn, steps.length);
  }

  /**
   * @param {number} now
   * @param {number} place
   */
  tick(now, place) {
    const started = performance.now();
    const { stage } = this;
    const moved = place !== this.drawn;
    this.dirty = false;
    this.drawn = place;
    const shown = stage.panels.filter((panel) => panel.visible);
    for (const { picture } of shown) picture.look(); // all reading before any writing
    for (const panel of shown) panel.draw(place);
    stage.emit("drawn", stage.steps[place], place);
    const ended = performance.now();
    this.measure(now, started, ended);
    if (moved) this.touch();
  }

  /**
   * @param {number} now
   * @param {number} started
   * @param {number} ended
   */
  measure(now, started, ended) {
    const { perf, turns } = this;
    keep(perf.ticks, ended - started);
    if (this.askedAt && this.drawn === this.want) {
      keep(perf.latencies, ended - this.askedAt);
      this.askedAt = 0;
    }
    turns.push(now);
    while (turns.length && now - turns[0] > 1000) turns.shift();
    perf.fps = turns.length;
    if (this.playing && this.lastTick) perf.worst = Math.max(perf.worst, now - this.lastTick);
    this.lastTick = now;
    perf.cacheBytes = this.stage.frames.bytes;
  }

  /** Something moved: settle when it has been quiet for a while. */
  touch() {
    clearTimeout(this.timer);
    const { settler } = this.stage;
    if (settler.running && settler.place === this.want && !this.playing) return;
    settler.cancel();
    if (this.playing) return;
    this.timer = setTimeout(() => settler.start(), SETTLE_MS);
  }

  stop() {
    clearTimeout(this.timer);
  }
}

/**
 * @param {number[]} values
 * @param {number} value
 */
function keep(values, value) {
  values.push(value);
  if (values.length > KEPT_TICKS) values.shift();
}
