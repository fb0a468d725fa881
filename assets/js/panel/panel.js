/** A view of one run in a panel: frames while scrubbing, exact figures once at rest. */

import { nextTurn, setAttribute, setText } from "../lib/dom.js";
import { REWRITTEN, statusOf } from "../lib/net.js";
import { formatEpoch } from "../lib/numbers.js";
import { currentTheme } from "../lib/theme.js";
import { aboutRun, askedOf } from "./about.js";
import { savedOf } from "./origin.js";
import { drawMarks, marksMove } from "./picks.js";
import { Picture } from "./picture.js";
import { byCheckpoint } from "./spread.js";

/**
 * @import { AddBody, DataKind, Figure, FigureAnswer, ViewAbout } from "../contract.js"
 * @import { DrawnFrame } from "../canvas/overlay.js"
 * @import { RunReader } from "../frames/reader.js"
 * @import { Source } from "../frames/source.js"
 * @import { Saved } from "./export.js"
 * @import { TimeAxis } from "./spread.js"
 */

/**
 * A run on a stage: how the places of the slider and its checkpoints belong together.
 *
 * @typedef {object} Track
 * @property {RunReader} reader
 * @property {boolean} moves whether it moves with the playhead
 * @property {(place: number) => number} indexAt the checkpoint shown at a place
 * @property {(place: number) => number} stepAt its epoch
 * @property {(step: number) => number} placeOf the place nearest to one of its epochs
 * @property {() => string} [beside] what its pictures take from other runs
 * @property {(view: string) => DrawnFrame[]} [framesBeside]
 *   frames of other runs whose ranges it shares
 * @property {(step: number) => Record<string, unknown>} [askedAmong]
 *   what asks for its picture among other runs
 *
 * What a panel needs of the stage it stands on.
 *
 * @typedef {object} PanelStage
 * @property {{ readonly want: number, readonly shown: number, readonly home: number | null, readonly playing: boolean, invalidate(): void, seek(place: number, source: string): void }} playhead
 * @property {{ one(panel: StagePanel): void }} settler
 * @property {{ pause(): void }} playback
 * @property {Record<string, number | null> | null} hovered what is under the pointer, by name
 * @property {boolean} closed
 * @property {TimeAxis} axis what the loss chart counts, as the slider does
 * @property {(name: string, ...values: any[]) => void} emit
 * @property {(changes: Record<string, any>) => void} select
 *
 * What the stage needs of a panel, whatever it shows.
 *
 * @typedef {object} StagePanel
 * @property {string} id of the view
 * @property {string} title
 * @property {ViewAbout} view
 * @property {HTMLElement} element
 * @property {Picture} picture
 * @property {boolean | null} visible null until the page has been looked at
 * @property {boolean} isHost whether it is the chart above the scrub bar
 * @property {boolean} perStep whether it shows one epoch
 * @property {boolean} scrubs whether frames of it are drawn while scrubbing
 * @property {boolean} plotted whether any exact figure is on the screen
 * @property {(place: number) => void} draw
 * @property {(place: number, signal: AbortSignal) => Promise<void>} settle
 * @property {(place: number) => boolean} isSettled
 * @property {(place: number, signal: AbortSignal) => Promise<{ figure: Figure } | null>} exact
 *   its figure at a place, to be drawn elsewhere
 * @property {(x: number) => number} placeOf the place that a point of its epoch axis stands for
 * @property {(step: number) => number} onAxis where an epoch lies on its epoch axis
 * @property {() => void} drawMarks
 * @property {Source} source of its run, or of the first of several
 * @property {() => { x: number, colour?: string }[]} cursors
 *   where the epochs that are shown lie on its epoch axis
 * @property {(permalink: (more?: Record<string, unknown>) => string) => Saved} saved
 *   what a file of it says
 * @property {(kind: DataKind) => Promise<Blob>} data the numbers behind it
 * @property {() => AddBody} asked what freezes it in a report
 * @property {() => void} close
 */

const PENDING_MS = 1500;

/** @implements {StagePanel} */
export class Panel {
  /** @type {boolean | null} */
  visible = null;
  /** @type {number | null} the epoch at which it stays */
  pinned = null;
  /** @type {number | null} the epoch it shows */
  step = null;
  /** @type {number | null} the epoch its sentence is about */
  worded = null;
  /** The sentence of the exact figure. */
  sentence = "";
  isHost = false;
  plottedKey = "";
  token = 0;

  /**
   * @param {PanelStage} stage
   * @param {Track} track
   * @param {HTMLElement} element
   * @param {{ title?: string }} [look] another title than the view's
   */
  constructor(stage, track, element, { title } = {}) {
    this.stage = stage;
    this.track = track;
    this.reader = track.reader;
    this.source = track.reader.source;
    this.element = element;
    this.id = element.dataset.view || "";
    this.view = this.reader.manifest.views[this.id];
    this.title = title || this.view.title;
    this.epochNode = element.querySelector(".panel-epoch");
    this.picture = new Picture(element, this.view, {
      onRedrawn: () => this.realign(),
      onFirst: (gd) => this.listen(gd),
    });
    if (this.view.missing) this.picture.explain(this.view.missing);
    else if (this.scrubs || !this.perStep) this.reader.prefetcher.add(this.view);
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

  get usesFrames() {
    if (!this.scrubs || !this.visible || !this.track.moves) return false;
    return this.pinned === null && !this.picture.missing;
  }

  /** Whether it shows all of training and says something of the epoch. */
  get usesWords() {
    return !this.perStep && this.visible === true && this.plotted && this.track.moves;
  }

  /** @type {StagePanel["placeOf"]} */
  placeOf(x) {
    return this.even ? Math.round(x) : this.track.placeOf(x);
  }

  /** @type {StagePanel["onAxis"]} */
  onAxis(step) {
    return this.even ? this.track.placeOf(step) : step;
  }

  /** Whether its axis counts checkpoints. */
  get even() {
    return this.isHost && this.stage.axis === "checkpoint";
  }

  /** The epoch that the playhead asks of this panel. */
  get wantedStep() {
    return this.pinned ?? this.track.stepAt(this.stage.playhead.want);
  }

  /**
   * What the figure on screen depends on; equal keys mean nothing to fetch.
   * @param {number} step
   */
  key(step) {
    const { reader } = this;
    const parts = [currentTheme(), reader.selectionKey(this.view), this.track.beside?.() || ""];
    if (this.perStep) parts.push(String(this.pinned ?? step));
    else parts.push(String(reader.steps.length), reader.manifest.status.state, String(this.even));
    return parts.join("|");
  }

  /** @type {StagePanel["isSettled"]} */
  isSettled(place) {
    if (this.picture.missing) return true;
    return this.plottedKey === this.key(this.track.stepAt(place)) && !this.picture.scrubbing;
  }

  /**
   * Show a place while scrubbing: newest frame in memory, honest about which.
   * @type {StagePanel["draw"]}
   */
  draw(place) {
    const step = this.track.stepAt(place);
    if (this.pinned !== null) return;
    if (this.view.cursor) this.moveCursor();
    const index = this.track.indexAt(place);
    if (!this.perStep || this.plottedKey === this.key(step)) {
      const stored = this.reader.prefetcher.store(this.id)?.get(index)?.sentence;
      this.picture.endScrub();
      this.setEpoch(step, true);
      this.tell(step, this.perStep ? this.sentence : stored);
      return;
    }
    const frame = this.frameNear(index);
    const epochRange = this.reader.selection.norm === "epoch" && this.view.styles.includes("norm");
    const beside = (epochRange && this.track.framesBeside?.(this.id)) || [];
    if (!frame || !this.picture.drawFrame(frame, { follow: epochRange, beside })) {
      this.setEpoch(this.step, this.step === step);
      return;
    }
    this.setEpoch(frame.step, frame.step === step);
    this.tell(frame.step, frame.sentence);
    if (marksMove(this.view)) this.drawMarks();
  }

  /**
   * Say the sentence of the epoch that is shown, or dim that of another one.
   * @param {number} step
   * @param {string | undefined} sentence where it is known
   */
  tell(step, sentence) {
    if (this.worded === step && !this.picture.stale) return;
    this.picture.hasten();
    if (sentence === undefined) {
      this.picture.doubt(this.worded !== step);
      return;
    }
    this.worded = step;
    this.picture.describe(sentence);
  }

  /** @param {number} index */
  frameNear(index) {
    const store = this.reader.prefetcher.store(this.id);
    if (!store || !this.plotted || this.picture.missing) return null;
    const near = store.nearest(index);
    return near < 0 ? null : store.get(near);
  }

  /**
   * @param {number | null} step
   * @param {boolean} exact
   */
  setEpoch(step, exact) {
    this.step = step;
    const words = step === null ? "" : formatEpoch(step);
    setText(this.epochNode, words && `epoch ${words}`);
    if (this.pinned === null) this.picture.setEpoch(String(step ?? ""), exact, words);
    else setAttribute(this.element, "data-epoch", String(step ?? ""));
  }

  /**
   * Replace the canvas by the exact figure of one epoch.
   * @type {StagePanel["settle"]}
   */
  async settle(place, signal) {
    const step = this.track.stepAt(place);
    const wanted = this.pinned ?? step;
    const key = this.key(step);
    if (key === this.plottedKey && !this.picture.scrubbing) {
      this.setEpoch(wanted, true);
      if (!this.perStep && this.worded !== wanted) await this.say(wanted, signal);
      this.picture.rest();
      return;
    }
    const token = ++this.token;
    const answer = await this.ask(() => this.source.figure(this.id, this.wish(wanted), signal));
    await nextTurn();
    if (!answer || token !== this.token || signal.aborted || this.stage.closed) return;
    await this.plot(answer, key);
  }

  /**
   * The picture shows all of training; its sentence is about one epoch.
   * @param {number} step
   * @param {AbortSignal} signal
   */
  async say(step, signal) {
    const answer = await this.ask(() => this.source.words(this.id, this.wish(step), signal));
    if (!answer || signal.aborted) return;
    this.worded = answer.step;
    this.picture.describe(answer.sentence);
  }

  /**
   * What is asked of the source for one epoch.
   * @param {number} step
   */
  wish(step) {
    const { fingerprint, selection, steps } = this.reader;
    const have = this.perStep ? null : steps.length;
    return { fingerprint, step, theme: currentTheme(), selection, have };
  }

  /**
   * @template T
   * @param {() => Promise<T>} request
   * @returns {Promise<T | null>} null if there is no answer; the panel then says why
   */
  async ask(request) {
    try {
      return await request();
    } catch (error) {
      if (statusOf(error) === REWRITTEN) this.stage.emit("rewritten");
      else this.picture.refuse(error, (...told) => this.stage.emit(...told));
      return null;
    }
  }

  /** @type {StagePanel["exact"]} */
  async exact(place, signal) {
    const step = this.pinned ?? this.track.stepAt(place);
    const answer = await this.ask(() => this.source.figure(this.id, this.wish(step), signal));
    if (answer && this.even) byCheckpoint(answer.figure, this.reader.steps, formatEpoch);
    return answer;
  }

  /**
   * @param {FigureAnswer} answer
   * @param {string} key
   */
  async plot(answer, key) {
    if (this.even) byCheckpoint(answer.figure, this.reader.steps, formatEpoch);
    await this.picture.plot(answer.figure, answer.sentence, answer);
    this.plottedKey = key;
    this.sentence = answer.sentence;
    this.worded = answer.step;
    const label = this.pinned ?? this.track.stepAt(this.stage.playhead.shown);
    const shown = this.perStep ? answer.step : label;
    this.setEpoch(shown, shown === label);
    this.realign();
    this.stage.emit("plotted", this);
    if (answer.pending) this.askAgain();
    else if (!this.perStep) this.reader.prefetcher.pump();
  }

  /** Some numbers are still being computed: look again, while anyone looks. */
  askAgain() {
    this.plottedKey = "";
    clearTimeout(this.again);
    this.again = setTimeout(() => {
      if (this.visible && !this.stage.closed) this.stage.settler.one(this);
    }, PENDING_MS);
  }

  /** @param {PlotElement} gd */
  listen(gd) {
    this.stage.emit("graph", this, gd);
  }

  /** Axes have moved: what lies over the figure follows. */
  realign() {
    if (this.view.cursor) this.moveCursor();
    if (this.picture.scrubbing) this.stage.playhead.invalidate();
    this.drawMarks();
  }

  moveCursor() {
    const { home, shown } = this.stage.playhead;
    const at = (/** @type {number} */ place) => this.onAxis(this.track.stepAt(place));
    const kept = home === null ? [] : [{ x: at(home), kept: true }];
    this.picture.moveCursors([{ x: at(shown) }, ...kept]);
  }

  drawMarks() {
    drawMarks(this.picture, this.reader.selection, this.stage.hovered);
  }

  /**
   * Stay at an epoch, or move again.
   * @param {number | null} step
   */
  pin(step) {
    this.pinned = step;
    const pinned = step !== null;
    this.element.classList.toggle("pinned", pinned);
    setAttribute(this.element.querySelector('[data-act="pin"]'), "aria-pressed", String(pinned));
    this.picture.setBadge(pinned ? `pinned · epoch ${formatEpoch(step)}` : "");
  }

  /** @type {StagePanel["cursors"]} */
  cursors() {
    return [{ x: this.onAxis(this.wantedStep) }];
  }

  /** @type {StagePanel["saved"]} */
  saved(permalink) {
    const about = aboutRun(this.reader, this.wantedStep);
    const panel = { id: this.id, range: this.picture.answer?.range };
    return savedOf(about, panel, permalink({ e: about.epoch }));
  }

  /** @param {DataKind} kind */
  data(kind) {
    const { fingerprint, selection, source } = this.reader;
    return source.data(this.id, kind, { fingerprint, step: this.wantedStep, selection });
  }

  asked = () => askedOf(this, this.wantedStep);

  close() {
    clearTimeout(this.again);
    this.picture.close();
  }
}
