/** The scrub bar: slider, label of the drawn place, phases, prefetched band, jump box. */

import { byId, el, setAttribute, setText } from "../lib/dom.js";
import { clamp, formatBytes, formatEpoch, nearestIndex, readEpoch } from "../lib/numbers.js";
import { misfit } from "../lib/misfits.js";
import { cssColour, onTheme } from "../lib/theme.js";
import { notify } from "../lib/toast.js";
import { fractions, RESOLUTION } from "../panel/spread.js";
import { SPEEDS } from "./playback.js";
import { Thumb } from "./thumb.js";
import { followHand } from "./thumb-hand.js";
import { walkByKeys } from "./thumb-keys.js";

/**
 * @import { Misfits } from "../contract.js"
 * @import { Spread } from "../panel/spread.js"
 * @import { Stage } from "./stage.js"
 */

/**
 * What a scrub bar says of its places.
 *
 * @typedef {object} Scale
 * @property {(step: number) => string} words a place as its label
 * @property {(wanted: number) => string} asked a place that was asked for, at the start of a sentence
 * @property {() => Misfits} misfits what is said where it is not there
 * @property {() => Spread} spread how the places lie along the line
 * @property {() => string} total what stands behind the label
 * @property {string} thumb what the slider is called
 * @property {(step: number) => string} value a place, spoken
 * @property {(step: number) => string} announcement a place with what is to be seen there
 * @property {() => Span[]} spans stretches of the line
 * @property {() => Mark[]} marks
 *
 * @typedef {{ start: number, end: number, title: string }} Span
 * @typedef {{ step: number, title: string, colour?: string }} Mark
 */

const SLIDER_MS = 80;
const HAND_MS = 400;
const BAND_MS = 250;

export class Timeline {
  label = byId("epoch-label");
  total = byId("epoch-total");
  bar = byId("scrub-bar");
  strip = /** @type {HTMLElement} */ (byId("timeline"));
  band = el("canvas", { class: "band" });
  marks = el("div", { class: "timeline-marks" });
  speedBox = el("select", {
    class: "field",
    "aria-label": "Speed of playback",
    title: "Speed (, and .)",
  });
  /** @type {number[]} where the places lie, from 0 to 1 */
  fractions = [];
  /** @type {number | null} the value that the slider will report because of us */
  pushed = null;
  /** @type {number | null} */
  sliderValue = null;
  handUntil = 0;
  pushedAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  later = undefined;
  /** What was said last of a place. */
  announced = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  bandTimer = undefined;

  /**
   * @param {Stage} stage
   * @param {Scale} scale
   */
  constructor(stage, scale) {
    this.stage = stage;
    this.scale = scale;
    this.thumb = new Thumb(scale);
    this.build();
    const soon = () => this.bandSoon();
    stage.on("loaded", soon);
    stage.on("selected", soon);
    stage.on("playing", (playing) => this.showPlaying(playing));
    stage.on("axis", () => this.lay());
    stage.on("selected", (/** @type {string[]} */ names) => names.includes("x") && this.lay());
    stage.on("speed", () => this.showSpeed());
    stage.on("drawn", (_step, place) => this.show(place));
    stage.on("settled", (step) => this.announce(step));
    onTheme(() => this.drawMarks(), stage.signal);
    onTheme(soon, stage.signal);
    stage.signal.addEventListener("abort", () => this.close());
  }

  build() {
    this.strip.replaceChildren(this.band, this.marks);
    const scrubber = this.strip.parentElement;
    if (scrubber) {
      walkByKeys(this.stage, scrubber);
      followHand(scrubber, (share) => this.fromHand(share), this.stage.signal);
      this.thumb.watch(scrubber, this.stage.signal);
    }
    const jump = el("input", {
      type: "text",
      inputmode: "numeric",
      class: "field jump",
      id: "jump",
      placeholder: "go to",
      "aria-label": "Go to epoch",
      title: "Go to epoch",
      onchange: () => this.jump(jump),
    });
    byId("jump-slot")?.replaceChildren(jump);
    const { playback } = this.stage;
    this.speedBox.append(...SPEEDS.map((speed) => el("option", { value: speed }, `${speed}×`)));
    this.speedBox.addEventListener("change", () => playback.setSpeed(Number(this.speedBox.value)));
    byId("speed-slot")?.replaceChildren(this.speedBox);
    this.showSpeed();
    this.sizes = new ResizeObserver(() => this.bandSoon());
    this.sizes.observe(this.strip);
  }

  /** @param {HTMLInputElement} field */
  jump(field) {
    const { stage } = this;
    const epoch = Number(readEpoch(field.value));
    if (field.value && Number.isFinite(epoch) && stage.steps.length) {
      const place = nearestIndex(stage.steps, epoch);
      stage.goTo(place, "jump");
      const told = this.misfit(epoch, stage.steps[place]);
      if (told) notify(told);
    } else if (field.value) {
      notify(`Go to: expected an epoch, got “${field.value}”.`);
    }
    field.value = "";
    field.blur();
  }

  /**
   * @param {number} wanted
   * @param {number} shown
   */
  misfit(wanted, shown) {
    const { asked, misfits, words: write } = this.scale;
    const [first, last] = [this.stage.steps[0], this.stage.steps.at(-1) ?? 0];
    const value = { asked: asked(wanted), wanted, shown, bounds: [first, last], write };
    return misfit(misfits(), /** @type {any} */ (value));
  }

  /**
   * The slider moved: by hand, or because this class moved it.
   * @param {number} value
   */
  fromSlider(value) {
    if (value === this.pushed) {
      this.pushed = null;
      return;
    }
    this.sliderValue = value;
    this.goTo(value / RESOLUTION);
  }

  /**
   * The thumb is where the hand is; Dash hears of it when the hand rests.
   * @param {number} share of the line
   */
  fromHand(share) {
    this.thumb.slide(share);
    this.goTo(share);
  }

  /** @param {number} share of the line */
  goTo(share) {
    const { stage } = this;
    const place = nearestIndex(this.fractions, share);
    if (place === stage.playhead.want) return;
    this.handUntil = performance.now() + HAND_MS;
    stage.goTo(place, "slider");
  }

  /** Whether the slider was moved just now. */
  get underHand() {
    return performance.now() < this.handUntil;
  }

  /**
   * Show the drawn place; never pulls the thumb from under the hand.
   * @param {number} place
   */
  show(place) {
    const step = this.stage.steps[place];
    const { playhead } = this.stage;
    const preview = playhead.home !== null;
    setText(this.label, this.scale.words(step));
    this.bar?.classList.toggle("previewing", preview);
    if (preview) return; // the thumb stays where the preview comes back to
    this.thumb.name(step);
    if (playhead.playing) this.thumb.slide(this.fractions[place]);
    if (playhead.playing || playhead.source === "slider") return;
    if (performance.now() - this.pushedAt < SLIDER_MS) {
      clearTimeout(this.later);
      this.later = setTimeout(() => this.push(this.stage.playhead.drawn), SLIDER_MS);
      return;
    }
    this.push(place);
  }

  /** @param {number} place */
  push(place) {
    const value = Math.round(RESOLUTION * this.fractions[place]);
    if (this.stage.closed || value === this.sliderValue) return;
    this.pushedAt = performance.now();
    this.pushed = value;
    this.sliderValue = value;
    window.dash_clientside.set_props("scrubber", { value });
  }

  /** @param {number} step */
  announce(step) {
    if (this.stage.playhead.home !== null) return;
    const { want } = this.stage.playhead; // let go between two places, the thumb goes to one
    this.thumb.slide(this.fractions[want]);
    this.push(want);
    this.thumb.name(step);
    const words = this.scale.announcement(step);
    if (words === this.announced) return; // what was picked has been said meanwhile
    this.announced = words;
    setText(byId("live-region"), words);
  }

  /** @param {boolean} playing */
  showPlaying(playing) {
    if (!playing && !this.underHand) this.push(this.stage.playhead.drawn);
    const button = document.querySelector('[data-act="play"]');
    const { label = "", labelRunning = "" } = button instanceof HTMLElement ? button.dataset : {};
    const words = playing ? labelRunning : label;
    setAttribute(button, "data-icon", playing ? "pause" : "play");
    setAttribute(button, "aria-label", words);
    setAttribute(button, "title", words);
  }

  showSpeed() {
    const { speed, loop } = this.stage.playback;
    this.speedBox.value = String(speed);
    setAttribute(document.querySelector('[data-act="loop"]'), "aria-pressed", String(loop));
  }

  /** New places, spans or marks: slider range, total, marks on the line. */
  grow() {
    window.dash_clientside.set_props("scrubber", { max: RESOLUTION });
    setText(this.total, this.scale.total());
    this.lay();
  }

  /** Lay the places out along the line. */
  lay() {
    const { playhead, steps } = this.stage;
    this.fractions = fractions(steps, this.scale.spread());
    if (playhead.drawn >= 0) this.push(playhead.kept);
    this.drawMarks();
    this.bandSoon();
  }

  waiting() {
    setText(this.label, "–");
    setText(this.total, "no checkpoint yet");
  }

  /** @param {number} step */
  at(step) {
    return 100 * (this.fractions[nearestIndex(this.stage.steps, step)] ?? 0);
  }

  drawMarks() {
    const spans = this.scale.spans().map(({ start, end, title }, i) => {
      const left = this.at(start);
      const node = el("div", { class: `phase phase-${i % 4}`, title });
      node.style.left = `${left}%`;
      node.style.width = `${Math.max(this.at(end) - left, 0)}%`;
      return node;
    });
    const marks = this.scale.marks().map(({ step, title, colour }) => {
      const node = el("div", { class: colour ? "tick-mark run-mark" : "tick-mark", title });
      node.style.left = `${this.at(step)}%`;
      if (colour) node.style.background = colour;
      return node;
    });
    this.marks.replaceChildren(...spans, ...marks);
  }

  bandSoon() {
    if (this.bandTimer) return;
    this.bandTimer = setTimeout(() => {
      this.bandTimer = undefined;
      if (!this.stage.closed) this.drawBand();
    }, BAND_MS);
  }

  /** Which places are in memory in every panel on screen. */
  drawBand() {
    const width = this.strip.clientWidth;
    if (!width) return;
    const { band } = this;
    band.width = width;
    band.height = 2;
    const context = /** @type {CanvasRenderingContext2D} */ (band.getContext("2d"));
    const { frames, steps } = this.stage;
    const stores = frames.active();
    const count = steps.length;
    const size = formatBytes(frames.bytes);
    setText(byId("status-line"), `${formatEpoch(count)} checkpoints · ${size} in memory`);
    if (!stores.length || count < 1) return;
    context.fillStyle = cssColour("--gd-accent");
    const at = (/** @type {number} */ i) => this.fractions[clamp(i, 0, count - 1)] * width;
    for (let i = 0; i < count; i++) {
      if (!stores.every((store) => store.settled(i))) continue;
      const start = (at(i - 1) + at(i)) / 2;
      context.fillRect(start, 0, Math.max((at(i) + at(i + 1)) / 2 - start, 1), 2);
    }
  }

  close() {
    clearTimeout(this.later);
    clearTimeout(this.bandTimer);
    this.sizes?.disconnect();
    setText(byId("status-line"), "");
  }
}
