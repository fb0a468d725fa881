/** The Compare page while it is open: columns, one playhead, rows, and the address. */

import { readQuery } from "../lib/address.js";
import { byId, el } from "../lib/dom.js";
import { nearestIndex } from "../lib/numbers.js";
import { notify } from "../lib/toast.js";
import { closeStage, openStage } from "../player/current.js";
import { aboutRun, aboutRuns } from "../panel/about.js";
import { startParts } from "../player/parts.js";
import { framesOf } from "../player/placed-frames.js";
import { Stage } from "../player/stage.js";
import { Timeline } from "../player/timeline.js";
import { followRuns } from "./growth.js";
import { MixedPanel } from "./mixed-panel.js";
import { nameOf } from "./names.js";
import { buildRail } from "./rail.js";
import { buildRow } from "./rows.js";
import { comparisonScale } from "./scale.js";
import { Slot } from "./slot.js";

/**
 * @import { CompareConfig } from "../contract.js"
 * @import { Shown } from "../player/stage.js"
 * @import { Beside } from "./slot.js"
 * @import { CompareSource } from "./source.js"
 */

/** Names in the address that are not part of what is picked. */
const OWN = new Set(["runs", "align", "mode", "ranges", "views", "at", "t", "perf", "e"]);
const BUDGET = 128 * 2 ** 20;

/**
 * @implements {Shown}
 * @implements {Beside}
 */
export class Comparison {
  /** @type {number[]} coordinates of the places on the common axis */
  steps = [];
  /** All columns' frames, spoken to in places instead of checkpoints. */
  frames = framesOf([], () => []);
  /** @type {Record<string, unknown>} what all runs share of the selection */
  shared = {};
  /** @type {string[]} what is to be said of the timeline, said already */
  notices = [];
  /** What the places of the slider count. */
  unit = "";
  /** Digits after the point of a place. */
  decimals = 0;
  /** @type {MixedPanel | null} */
  chart = null;
  /** @type {Timeline | null} */
  timeline = null;

  /**
   * @param {CompareConfig} config what Python says of the page
   * @param {HTMLElement} root
   * @param {CompareSource} source
   */
  constructor(config, root, source) {
    this.config = config;
    this.source = source;
    this.runsText = config.columns.map(nameOf).join(",");
    this.query = readQuery();
    const { mode = "", align = "", ranges = "", views } = this.query;
    this.mode = mode in config.modes ? mode : "side";
    this.align = align in config.aligns ? align : "epoch";
    this.ranges = ranges in config.ranges ? ranges : "own";
    this.chosen = this.readViews(views);
    this.slots = config.columns.map((column, i) => new Slot(column, i, this));
    this.stage = new Stage(root, this, "all");
  }

  async start() {
    const { slots, stage } = this;
    const views = this.config.views.map((one) => one.id);
    const loaded = slots.map((slot) => slot.load(views, stage.signal));
    await Promise.all([this.fetchLine(), ...loaded]);
    if (stage.closed) return;
    for (const slot of slots) slot.prefetch(stage, BUDGET / slots.length);
    const prefetchers = slots.map((slot) => slot.reader.prefetcher);
    this.frames = framesOf(prefetchers, () => slots.flatMap((slot) => slot.placed));
    this.readShared();
    this.timeline = new Timeline(stage, comparisonScale(this));
    this.build();
    const epochs = () => slots.map((slot) => slot.stepAt(stage.playhead.shown));
    const selections = () => slots.map((slot) => ({ ...slot.reader.selection }));
    openStage(stage, { epochs: { get: epochs }, selections: { get: selections } });
    startParts(stage);
    followRuns(this);
    buildRail(this);
    this.showLine();
    this.seekStart(this.query.at ?? this.query.e);
    stage.emit("ready");
  }

  /** What numbers and words of the selection may be, as the first run has it. */
  get manifest() {
    return this.slots[0].reader.manifest;
  }

  get selection() {
    return this.slots[0].reader.selection;
  }

  /**
   * Views of the address that exist; unknown ones are told and left out.
   * @param {string | undefined} text
   */
  readViews(text) {
    const { defaults, views } = this.config;
    if (text === undefined) return [...defaults];
    const known = new Set(views.map((one) => one.id));
    const asked = text.split(",").filter(Boolean);
    const unknown = asked.filter((id) => !known.has(id));
    if (unknown.length) notify(`views: no view ${unknown.join(", ")}; left out`);
    const found = asked.filter((id) => known.has(id));
    return found.length || !asked.length ? found : [...defaults];
  }

  readShared() {
    for (const [name, value] of Object.entries(this.query)) {
      if (!OWN.has(name) && name in this.selection) this.shared[name] = value;
    }
    for (const slot of this.slots) slot.tellMisfits(this.shared);
    for (const slot of this.slots) slot.choose(this.shared);
  }

  async fetchLine() {
    const line = await this.source.timeline(this.align, this.stage.signal);
    this.align = line.align;
    this.unit = line.unit;
    this.decimals = line.decimals;
    this.steps = line.coordinates;
    this.slots.forEach((slot, i) => {
      const { indices, scale, grok } = line.columns[i];
      Object.assign(slot, { indices, scale, grok });
    });
    for (const notice of line.notices) if (!this.notices.includes(notice)) notify(notice);
    this.notices = line.notices;
  }

  showLine() {
    this.timeline?.grow();
    this.stage.root.classList.toggle("still", this.steps.length < 2);
  }

  /** @param {number} coordinate */
  placeOf = (coordinate) => nearestIndex(this.steps, coordinate);

  /** Whether the same panel of all runs has one range. */
  get sharing() {
    return this.ranges === "shared";
  }

  /** @type {Beside["asked"]} */
  asked(index, step) {
    const { align, ranges, runsText, shared, slots, stage } = this;
    const e = slots.map((slot) => slot.stepAt(stage.playhead.want)).with(index, step);
    return { runs: runsText, align, ranges, place: index, e: e.join(), ...shared };
  }

  /** @type {Beside["look"]} */
  look(index) {
    const { slots, stage } = this;
    const keys = slots.map((slot) => slot.reader.manifest.keys.join("-"));
    if (!this.sharing) return keys.join();
    const others = slots.filter((slot) => slot.index !== index);
    const places = others.map((slot) =>
      this.selection.norm === "epoch" ? slot.stepAt(stage.playhead.want) : slot.reader.steps.length,
    );
    return [...keys, "shared", ...places].join();
  }

  /** @type {Beside["framesBeside"]} */
  framesBeside(index, view) {
    if (!this.sharing) return [];
    const { playhead } = this.stage;
    return this.slots.flatMap((slot) => {
      const store = slot.index === index ? undefined : slot.reader.prefetcher.store(view);
      const near = store ? store.nearest(slot.indexAt(playhead.want)) : -1;
      return (near >= 0 && store?.get(near)) || [];
    });
  }

  /** @param {string} ranges */
  setRanges(ranges) {
    this.ranges = ranges;
    this.stage.refresh(0);
    this.stage.emit("pinned");
  }

  /** Where the runs that move along grok. */
  get grokked() {
    return this.slots.flatMap((slot) =>
      slot.moves && slot.grok !== null
        ? [{ slot, grok: slot.grok, coordinate: slot.grok * slot.scale }]
        : [],
    );
  }

  /** @type {Shown["landmarks"]} */
  landmarks() {
    return this.grokked.map(({ coordinate }) => this.placeOf(coordinate));
  }

  noLandmark() {
    return "No run here has grokked.";
  }

  /** @param {string | undefined} text */
  seekStart(text) {
    const wanted = Number(text);
    const given = text !== undefined && text !== "" && Number.isFinite(wanted);
    if (text && !given) notify(`at: expected a number, got “${text}”`);
    this.stage.begin(given ? this.placeOf(wanted) : this.steps.length - 1);
  }

  /** Make all panels anew, after another choice of views or mode. */
  build() {
    const box = byId("compare-rows");
    if (!box) return;
    for (const slot of this.slots) slot.users = [];
    box.replaceChildren();
    this.chart ||= this.makeChart();
    const rows = this.chosen.map((id) => buildRow(this, box, id));
    this.stage.setPanels([this.chart, ...rows.flat()]);
    if (!this.chosen.length) {
      box.append(el("p", { class: "compare-note" }, "Choose views on the left."));
    }
  }

  makeChart() {
    const element = /** @type {HTMLElement} */ (byId(`panel-${this.config.chart}`));
    const panel = new MixedPanel(this, element, this.slots, "overlay", "Loss");
    panel.isHost = true;
    return panel;
  }

  /**
   * Change what all runs share; null gives each run its own choice back.
   * @type {Shown["choose"]}
   */
  choose(changes) {
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === "") delete this.shared[name];
      else if (name in this.selection) this.shared[name] = value;
    }
    for (const slot of this.slots) slot.tellMisfits(changes);
    return [...new Set(this.slots.flatMap((slot) => slot.choose(this.shared)))];
  }

  /** @param {string} mode */
  setMode(mode) {
    this.mode = mode;
    this.rebuild();
  }

  /** @param {string[]} ids */
  setViews(ids) {
    this.chosen = this.config.views.map((one) => one.id).filter((id) => ids.includes(id));
    this.rebuild();
  }

  rebuild() {
    this.build();
    this.stage.refresh(0);
    this.stage.emit("pinned");
  }

  /**
   * Another alignment keeps the first moving run where it is.
   * @param {string} align
   */
  async setAlign(align) {
    const { stage } = this;
    stage.playback.pause();
    const slot = this.slots.find((one) => one.moves) || this.slots[0];
    const step = slot.stepAt(stage.playhead.kept);
    this.align = align;
    await this.fetchLine();
    if (stage.closed) return;
    this.showLine();
    this.seekStart(String(step * slot.scale));
    stage.emit("aligned");
  }

  /** @type {Shown["state"]} */
  state() {
    const { defaults } = this.config;
    /** @type {Record<string, unknown>} */
    const state = { runs: this.runsText };
    if (this.align !== "epoch") state.align = this.align;
    if (this.mode !== "side") state.mode = this.mode;
    if (this.sharing) state.ranges = this.ranges;
    if (this.chosen.join() !== defaults.join()) state.views = this.chosen.join() || ",";
    const at = this.steps[this.stage.playhead.kept];
    if (this.steps.length > 1) state.at = Number(at.toPrecision(6));
    return { ...state, ...this.shared };
  }

  /** @type {Shown["about"]} */
  about() {
    const place = this.stage.playhead.want;
    const title = this.slots.map(({ letter, column }) => `${letter}: ${column.title}`).join("; ");
    const every = this.slots.map((slot) => aboutRun(slot.reader, slot.stepAt(place)));
    return { ...aboutRuns(every, title, this.steps[place]), run: this.runsText };
  }

  close() {
    this.stage.close();
    for (const slot of this.slots) slot.close();
    closeStage(this.stage);
  }
}
