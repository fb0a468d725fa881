/**
 * The picture of a panel: a Plotly figure in an element of ours, a canvas over it for
 * frames while scrubbing, one for marks, the lines of the playhead, and what it says of
 * itself: which epoch it really shows, a sentence, or why there is nothing.
 */

import { EpochRanges } from "../canvas/epoch-ranges.js";
import { Overlay } from "../canvas/overlay.js";
import { drawFigure, isDrawn, layUnderText, removeFigure, subplots } from "../canvas/plotly.js";
import { el, setAttribute, setText } from "../lib/dom.js";
import { DAMAGED, isAbort, isNetwork, messageOf, statusOf } from "../lib/net.js";
import { formatEpoch } from "../lib/numbers.js";
import { adaptLayout } from "./strip.js";
import { fitTitles } from "./titles.js";

/**
 * @import { Figure, FigureHead, RangeChoice, ViewAbout } from "../contract.js"
 * @import { DrawnFrame } from "../canvas/overlay.js"
 */

/**
 * @typedef {{ x: number, colour?: string, kept?: boolean }} CursorLine
 *   where a playhead is on the axis, or where it comes back to
 *
 * @typedef {object} FrameLook
 * @property {boolean} [perFrame] every heat map uses its own range
 * @property {boolean} [follow] colours and axes move with the range of the frame
 * @property {DrawnFrame[]} [beside] frames of other runs that share that range
 */

/** Which file it is stands in the banner of the run. */
const UNREADABLE = "This picture cannot be read: a file that it needs is damaged.";

export class Picture {
  /** @type {Overlay | null} */
  overlay = null;
  /** @type {EpochRanges | null} */
  ranges = null;
  /** @type {FigureHead | null} */
  answer = null;
  drawn = false;
  /** @type {Record<string, number[]>} */
  sentRanges = {};
  scrubbing = false;
  missing = false;
  badgeText = "";
  /** Whether the sentence is about another epoch than the one shown. */
  stale = false;
  /** Whether sentences change faster than the page is laid out. */
  hasty = false;
  /** Of the sentence at rest, in pixels. */
  captionHeight = 0;
  /** @type {HTMLElement[]} */
  lines = [];
  /** Where the first playhead is, in pixels from the left. */
  cursorX = 0;
  /** @type {CursorLine[]} */
  cursors = [];
  /** @type {{ frame: DrawnFrame, how: FrameLook } | null} what is drawn over the figure */
  over = null;
  listening = false;

  /**
   * @param {HTMLElement} element the panel
   * @param {ViewAbout} view
   * @param {object} [heard]
   * @param {number} [heard.ratio] pixels of a drawn frame per pixel; else the screen's
   * @param {() => void} [heard.onRedrawn] Plotly has drawn anew, after a zoom or a resize
   * @param {(gd: PlotElement) => void} [heard.onFirst] the figure is there, listen to it
   */
  constructor(element, view, { ratio, onRedrawn = () => {}, onFirst = () => {} } = {}) {
    this.element = element;
    this.view = view;
    this.ratio = ratio;
    this.onRedrawn = onRedrawn;
    this.onFirst = onFirst;
    this.node = /** @type {HTMLElement} */ (element.querySelector(".plot"));
    this.body = /** @type {HTMLElement} */ (element.querySelector(".panel-body"));
    this.canvas = /** @type {HTMLCanvasElement} */ (element.querySelector("canvas.scrub"));
    this.marks = /** @type {HTMLCanvasElement} */ (element.querySelector("canvas.marks"));
    this.badge = /** @type {HTMLElement} */ (element.querySelector(".panel-badge"));
    this.caption = /** @type {HTMLElement} */ (element.querySelector("figcaption"));
    element.classList.toggle("texts", view.texts);
  }

  /** The drawn figure; null before the first. @returns {PlotElement | null} */
  get gd() {
    return this.drawn && isDrawn(this.node) ? this.node : null;
  }

  /**
   * Replace what is shown by an exact figure.
   * @param {Figure} figure
   * @param {string} sentence
   * @param {FigureHead | null} [answer] what it says of its ranges
   */
  async plot(figure, sentence, answer = null) {
    this.explain("");
    adaptLayout(figure.layout, this.element);
    fitTitles(figure.layout, this.node.clientWidth);
    this.sentRanges = rangesIn(figure.layout);
    this.endRanges();
    const gd = await drawFigure(this.node, figure);
    this.answer = answer;
    this.layMarks(gd);
    if (!this.listening) {
      this.listening = true;
      gd.on("plotly_afterplot", this.onRedrawn);
      gd.on("plotly_relayout", this.onRedrawn);
      this.onFirst(gd);
    }
    this.drawn = true;
    this.describe(sentence);
    this.rest();
    this.offerRange(answer?.range ?? null);
    this.endScrub();
    this.element.classList.add("drawn");
  }

  /**
   * Frames, marks and lines lie over the data and under the text of the figure.
   * @param {PlotElement} gd
   */
  layMarks(gd) {
    layUnderText(gd, [this.canvas, this.marks, ...this.lines]);
  }

  /** @param {string} sentence */
  describe(sentence) {
    setText(this.caption, sentence);
    this.doubt(false);
  }

  /**
   * Dim the sentence while it is about another epoch than the picture.
   * @param {boolean} stale
   */
  doubt(stale) {
    if (stale === this.stale) return; // every write costs a look at all styles
    this.stale = stale;
    this.caption.classList.toggle("stale", stale);
  }

  /** Look how high the sentence is before anything on the page is written. */
  look() {
    if (!this.hasty) this.captionHeight = this.caption.offsetHeight;
  }

  /** Sentences follow each other quickly now: what lies below keeps its place. */
  hasten() {
    if (this.hasty) return;
    this.hasty = true;
    this.caption.style.height = `${this.captionHeight}px`;
    this.caption.removeAttribute("title");
    this.caption.classList.add("hasty");
  }

  /** The sentence stays: it takes the room it needs. */
  rest() {
    if (!this.stale) this.caption.title = this.caption.textContent || "";
    if (!this.hasty) return;
    this.hasty = false;
    this.caption.style.height = "";
    this.caption.classList.remove("hasty");
  }

  /**
   * Offer another range in the head of the panel, or say that it is in force.
   * @param {RangeChoice | null} choice
   */
  offerRange(choice) {
    const shown = this.element.querySelector(".panel-range");
    if (!choice) {
      shown?.remove();
      return;
    }
    const button =
      shown || el("button", { type: "button", class: "panel-range", "data-act": "range" });
    setText(button, choice.text);
    setAttribute(button, "aria-pressed", String(choice.pressed));
    setAttribute(button, "title", choice.hint);
    if (!shown) this.badge.after(button);
  }

  /**
   * Draw a frame over the figure.
   * @param {DrawnFrame} frame
   * @param {FrameLook} [how]
   * @returns {boolean} false if there is no figure yet to draw over
   */
  drawFrame(frame, how = {}) {
    const { perFrame = false, follow = false, beside = [] } = how;
    const { gd } = this;
    if (!gd) return false;
    this.over = { frame, how };
    this.overlay ||= new Overlay(gd, this.canvas, this.ratio);
    if (follow) this.ranges ||= new EpochRanges(this);
    else this.endRanges();
    const ranges = follow && this.ranges ? this.ranges.follow(frame, beside) : null;
    this.overlay.draw(frame, perFrame, ranges);
    if (!this.scrubbing) {
      this.scrubbing = true;
      this.element.classList.add("scrubbing");
    }
    return true;
  }

  /** Show the figure again instead of frames. */
  endScrub() {
    if (!this.scrubbing) return;
    this.scrubbing = false;
    this.over = null;
    this.element.classList.remove("scrubbing");
    this.endRanges();
    if (this.overlay) this.overlay.clear();
  }

  /** Put back the numbers beside the ticks before Plotly looks at them again. */
  endRanges() {
    if (this.ranges) this.ranges.end();
  }

  /**
   * Say in the panel why there is no picture; "" when there is one.
   * @param {string} message
   */
  explain(message) {
    this.missing = Boolean(message);
    this.element.querySelector(".panel-missing")?.remove();
    if (!message) return;
    const told = el("div", { class: "alert alert-warning" }, message);
    this.body.append(el("div", { class: "panel-missing" }, told));
    this.endScrub();
  }

  /**
   * Say why an answer has not come; damage is told once for the whole run.
   * @param {unknown} error
   * @param {(name: string, error: unknown) => void} emit
   */
  refuse(error, emit) {
    if (isAbort(error) || isNetwork(error)) return;
    const damaged = statusOf(error) === DAMAGED;
    if (damaged) emit("damaged", error);
    this.explain(damaged ? UNREADABLE : messageOf(error));
  }

  /**
   * Say in the head of the panel what is particular about the epoch shown.
   * @param {string} text
   */
  setBadge(text) {
    if (this.badgeText === text) return;
    this.badgeText = text;
    setText(this.badge, text);
    this.badge.hidden = !text;
  }

  /**
   * Say which epochs are shown, and whether they are those asked for.
   * @param {string} epochs as the page reads them
   * @param {boolean} exact
   * @param {string} words
   */
  setEpoch(epochs, exact, words) {
    setAttribute(this.element, "data-epoch", epochs);
    const text = exact || !words ? "" : `≈ epoch ${words}`;
    if (this.badgeText === text) return; // every write costs a look at all styles
    this.setBadge(text);
    this.element.classList.toggle("approximate", Boolean(text));
  }

  /**
   * Vertical lines in every subplot, moved without any redraw.
   * @param {CursorLine[]} cursors
   */
  moveCursors(cursors) {
    this.cursors = cursors;
    const { gd } = this;
    if (!gd) return;
    const wanted = subplots(gd).flatMap((plot) => cursors.map((cursor) => ({ plot, cursor })));
    const count = this.lines.length;
    while (this.lines.length < wanted.length)
      this.lines.push(el("div", { class: "epoch-cursor", "aria-hidden": "true" }));
    if (this.lines.length > count) this.layMarks(gd);
    this.lines.forEach((line, i) => {
      const one = wanted[i];
      line.hidden = !one;
      if (!one) return;
      const { xa, ya } = one.plot;
      const x = xa.c2p(one.cursor.x);
      if (i === 0) this.cursorX = xa._offset + x;
      // A logarithmic axis has no place for epoch 0.
      line.hidden = !(x >= -1 && x <= xa._length + 1);
      line.style.background = one.cursor.colour || "";
      line.classList.toggle("kept", one.cursor.kept === true);
      line.style.height = `${ya._length}px`;
      line.style.transform = `translate(${xa._offset + x}px, ${ya._offset}px)`;
    });
  }

  close() {
    this.body.append(this.canvas, this.marks); // they stay when the figure goes
    removeFigure(this.node);
  }
}

/**
 * The ranges of the axes as the server gave them, before any zoom.
 * @param {Record<string, any>} layout
 * @returns {Record<string, number[]>}
 */
function rangesIn(layout) {
  const axes = Object.entries(layout).filter(
    ([name, axis]) => /^[xy]axis/.test(name) && axis.range,
  );
  return Object.fromEntries(axes.map(([name, axis]) => [name, axis.range.map(Number)]));
}

/** @param {(number | null)[]} steps */
export const epochWords = (steps) =>
  steps.map((step) => (step === null ? "" : formatEpoch(step))).join(" · ");
