/** A panel whose figure is made of several runs: overlaid, or a difference. */

import { texts } from "../lib/address.js";
import { el, nextTurn, setText } from "../lib/dom.js";
import { appUrl } from "../lib/net.js";
import { currentTheme } from "../lib/theme.js";
import { drawMarks } from "../panel/picks.js";
import { epochWords, Picture } from "../panel/picture.js";
import { gather, subtract } from "./mixed-frames.js";

/**
 * @import { DataKind, MixedHead } from "../contract.js"
 * @import { Frame } from "../frames/blocks.js"
 * @import { StagePanel } from "../panel/panel.js"
 * @import { Comparison } from "./comparison.js"
 * @import { Slot } from "./slot.js"
 * @import { CompareSource, How } from "./source.js"
 */

/** @implements {StagePanel} */
export class MixedPanel {
  /** @type {boolean | null} */
  visible = null;
  isHost = false;
  plottedKey = "";
  /** The epochs that its sentence is about. */
  worded = "";
  token = 0;
  /** @type {number[]} where the traces of each run begin in the figure */
  offsets = [];
  /** @type {MixedHead | null} what is said of what is on the screen */
  head = null;

  /**
   * @param {Comparison} comparison
   * @param {HTMLElement} element
   * @param {Slot[]} slots
   * @param {How} how
   * @param {string} title
   */
  constructor(comparison, element, slots, how, title) {
    this.comparison = comparison;
    this.stage = comparison.stage;
    this.element = element;
    this.id = element.dataset.view || "";
    this.slots = slots;
    this.how = how;
    this.title = title;
    this.source = slots[0].reader.source;
    this.view = slots[0].reader.manifest.views[this.id];
    this.epochNode = element.querySelector(".panel-epoch");
    this.picture = new Picture(element, this.view, {
      onRedrawn: () => this.realign(),
      onFirst: (gd) => this.stage.emit("graph", this, gd),
    });
    for (const slot of slots) {
      if (this.scrubs) this.useFramesOf(slot);
      const why = slot.reader.manifest.views[this.id].missing;
      if (why) this.picture.explain(`${slot.letter}: ${why}`);
    }
  }

  get perStep() {
    return this.view.reads.includes("step");
  }

  get scrubs() {
    return this.perStep && Object.keys(this.view.scrub).length > 0;
  }

  get plotted() {
    return Boolean(this.plottedKey);
  }

  /** @param {Slot} slot whose frames this panel draws */
  useFramesOf(slot) {
    const store = slot.reader.prefetcher.add(this.view);
    const panel = this;
    slot.users.push({
      id: this.id,
      get usesFrames() {
        if (!panel.visible || panel.picture.missing) return false;
        return slot.moves || !store.settled(slot.indexAt(panel.stage.playhead.want));
      },
    });
  }

  /** @param {number} place */
  stepsAt(place) {
    return this.slots.map((slot) => slot.stepAt(place));
  }

  /** @param {number} place */
  keyAt(place) {
    const parts = [currentTheme(), this.comparison.align];
    for (const { reader } of this.slots) parts.push(reader.manifest.keys.join("-"));
    if (!this.perStep) for (const { reader } of this.slots) parts.push(String(reader.steps.length));
    for (const { reader } of this.slots) parts.push(reader.selectionKey(this.view));
    if (this.perStep) parts.push(this.stepsAt(place).join());
    return parts.join("|");
  }

  /** @type {StagePanel["isSettled"]} */
  isSettled(place) {
    if (this.picture.missing) return true;
    return this.plottedKey === this.keyAt(place) && !this.picture.scrubbing;
  }

  /** @type {StagePanel["draw"]} */
  draw(place) {
    if (this.view.cursor) this.moveCursors();
    const steps = this.stepsAt(place);
    if (!this.perStep || this.plottedKey === this.keyAt(place)) {
      this.picture.endScrub();
      this.showSteps(steps, true);
      this.picture.doubt(this.worded !== steps.join());
      return;
    }
    const frame = this.frameAt(place);
    const perFrame = this.comparison.selection.norm === "epoch";
    if (!frame || !this.picture.drawFrame(frame, { perFrame })) return;
    this.showSteps(frame.steps, frame.steps.join() === steps.join());
    this.picture.doubt(this.worded !== frame.steps.join());
    this.drawMarks();
  }

  /**
   * The nearest frames in memory of all runs, made into one.
   * @param {number} place
   */
  frameAt(place) {
    if (!this.scrubs || this.picture.missing || !this.plotted) return null;
    /** @type {Frame[]} */
    const frames = [];
    for (const slot of this.slots) {
      const store = slot.reader.prefetcher.store(this.id);
      const near = store ? store.nearest(slot.indexAt(place)) : -1;
      const frame = store && near >= 0 ? store.get(near) : null;
      if (!frame) return null;
      frames.push(frame);
    }
    const arrays =
      this.how === "difference" ? subtract(frames[0], frames[1]) : gather(frames, this.offsets);
    return arrays && { arrays, steps: frames.map((frame) => frame.step) };
  }

  /**
   * @param {number[]} steps
   * @param {boolean} exact
   */
  showSteps(steps, exact) {
    const same = steps.every((step) => step === steps[0]);
    const words = epochWords(same ? steps.slice(0, 1) : steps);
    setText(this.epochNode, this.perStep ? (same ? "epoch " : "") + words : "");
    this.picture.setEpoch(steps.join(), exact, words);
  }

  /** @type {StagePanel["settle"]} */
  async settle(place, signal) {
    const key = this.keyAt(place);
    if (key === this.plottedKey && !this.picture.scrubbing) {
      this.showSteps(this.stepsAt(place), true);
      if (this.worded !== this.stepsAt(place).join()) await this.say(place, signal);
      return;
    }
    const token = ++this.token;
    const answer = await this.ask("mixed", place, signal);
    await nextTurn();
    if (!answer || token !== this.token || signal.aborted || this.stage.closed) return;
    if ("missing" in answer) {
      this.plottedKey = key;
      this.picture.explain(answer.missing);
      this.warn("");
      return;
    }
    this.offsets = answer.offsets;
    await this.picture.plot(answer.figure, answer.sentence);
    this.warn(answer.warning);
    this.plottedKey = key;
    this.heard(answer);
    this.showSteps(this.stepsAt(this.stage.playhead.shown), true);
    this.realign();
    this.stage.emit("plotted", this);
  }

  /** @param {MixedHead} answer */
  heard(answer) {
    this.head = answer;
    this.worded = answer.steps.join();
  }

  /** @param {string} warning in what the runs are no two of a kind; "" if they are */
  warn(warning) {
    this.element.querySelector(".panel-warning")?.remove();
    if (!warning) return;
    const told = el("p", { class: "panel-warning alert alert-warning" }, warning);
    this.picture.caption.before(told);
  }

  /**
   * The picture shows all of training; its sentence is about one place.
   * @param {number} place
   * @param {AbortSignal} signal
   */
  async say(place, signal) {
    const answer = await this.ask("words", place, signal);
    if (!answer || "missing" in answer || signal.aborted) return;
    this.heard(answer);
    this.picture.describe(answer.sentence);
  }

  /**
   * @template {"mixed" | "words"} Part
   * @param {Part} part the picture, or what is said of it
   * @param {number} place
   * @param {AbortSignal} signal
   * @returns {Promise<Awaited<ReturnType<CompareSource[Part]>> | null>}
   */
  async ask(part, place, signal) {
    const { source } = this.comparison;
    try {
      const asked = source[part](this.how, this.id, this.wanted(place), signal);
      return /** @type {any} */ (await asked);
    } catch (error) {
      this.picture.refuse(error, (...told) => this.stage.emit(...told));
      return null;
    }
  }

  /** @param {number} place */
  wish(place) {
    const { align, runsText, shared, slots } = this.comparison;
    const pair = this.slots.map((slot) => slot.index).join();
    const e = slots.map((slot) => slot.stepAt(place)).join();
    return { runs: runsText, align, pair, e, ...shared };
  }

  /** @type {StagePanel["asked"]} */
  asked() {
    const query = texts({ ...this.wish(this.stage.playhead.want), mode: this.how });
    return { kind: "comparison", of: "", view: this.id, query };
  }

  /** @param {number} place */
  wanted(place) {
    const { align, shared } = this.comparison;
    const pair = this.slots.map((slot) => slot.index);
    return { align, pair, steps: this.stepsAt(place), shared, theme: currentTheme() };
  }

  /** @param {DataKind} kind */
  data(kind) {
    const wanted = this.wanted(this.stage.playhead.want);
    return this.comparison.source.data(this.how, this.id, kind, wanted);
  }

  /** @type {StagePanel["exact"]} */
  async exact(place, signal) {
    const answer = await this.ask("mixed", place, signal);
    return answer && "figure" in answer ? answer : null;
  }

  /** @type {StagePanel["placeOf"]} */
  placeOf(x) {
    return this.comparison.placeOf(x);
  }

  /** @type {StagePanel["onAxis"]} */
  onAxis = (step) => step;

  realign() {
    if (this.view.cursor) this.moveCursors();
    if (this.picture.scrubbing) this.stage.playhead.invalidate();
    this.drawMarks();
  }

  /** One line per run in every subplot, where its checkpoint lies on the axis. */
  moveCursors() {
    const { home, shown } = this.stage.playhead;
    const kept = home === null ? [] : this.cursors(home).map((one) => ({ ...one, kept: true }));
    this.picture.moveCursors([...this.cursors(shown), ...kept]);
  }

  /** @param {number} place */
  cursors(place = this.stage.playhead.want) {
    return this.slots.map((slot) => ({
      x: slot.stepAt(place) * slot.scale,
      colour: slot.colours[currentTheme()],
    }));
  }

  drawMarks() {
    drawMarks(this.picture, this.slots[0].reader.selection, this.stage.hovered);
  }

  /** @type {StagePanel["saved"]} */
  saved() {
    if (!this.head) throw new Error(`${this.title} has nothing to save.`);
    const { file, origin, runs } = this.head;
    const permalink = new URL(appUrl(origin.permalink), window.location.href).href;
    return { stem: file, more: [runs], origin: { ...origin, permalink } };
  }

  close() {
    this.picture.close();
  }
}
