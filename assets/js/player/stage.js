/**
 * Panels on one playhead. A run's page has a stage, and so has a comparison; what differs
 * between them, the stage asks of what is shown on it.
 */

import { queryString, replaceQuery } from "../lib/address.js";
import { Events } from "../lib/events.js";
import { recall, remember } from "../lib/storage.js";
import { currentTheme, onTheme } from "../lib/theme.js";
import { Playback } from "./playback.js";
import { Playhead } from "./playhead.js";
import { Settler } from "./settle.js";

/**
 * @import { About } from "../panel/origin.js"
 * @import { StagePanel } from "../panel/panel.js"
 * @import { TimeAxis } from "../panel/spread.js"
 */

/**
 * Frames in memory at the places of the slider.
 *
 * @typedef {object} PlacedFrames
 * @property {(place: number) => boolean} settled whether waiting for it makes no sense
 * @property {(place: number) => boolean} has
 * @property {number} loaded how many there are
 *
 * @typedef {object} Frames
 * @property {() => PlacedFrames[]} active those of the panels on screen
 * @property {() => void} begin
 * @property {() => void} pump
 * @property {(milliseconds: number) => void} pause
 * @property {number} bytes
 * @property {number[]} loaded frames in memory, per view
 *
 * What is shown on a stage.
 *
 * @typedef {object} Shown
 * @property {number[]} steps what the places of the slider stand for, ascending
 * @property {Frames} frames
 * @property {Record<string, any>} selection
 * @property {(changes: Record<string, any>) => string[]} choose change what is picked; what changed
 * @property {() => Record<string, unknown>} state what the address of the page must carry
 * @property {() => number[]} landmarks the places that "go to where it groks" visits
 * @property {() => string} noLandmark why there are none
 * @property {() => About} about
 */

export class Stage {
  #events = new Events();
  /** @type {StagePanel[]} */
  panels = [];
  /** @type {Record<string, number | null> | null} */
  hovered = null;
  /** @type {StagePanel | null} the panel that had the focus last */
  lastPanel = null;
  closed = false;
  /** @type {TimeAxis} what the loss chart and the slider count */
  axis = recall("axis") === "checkpoint" ? "checkpoint" : "epoch";

  /**
   * @param {HTMLElement} root of the page
   * @param {Shown} shown
   * @param {string} pageName in the names of files
   */
  constructor(root, shown, pageName) {
    this.root = root;
    this.shown = shown;
    this.pageName = pageName;
    this.path = window.location.pathname;
    this.controller = new AbortController();
    this.signal = this.controller.signal;
    this.playhead = new Playhead(this);
    this.settler = new Settler(this);
    this.playback = new Playback(this);
    this.watcher = new IntersectionObserver((entries) => this.look(entries), {
      rootMargin: "120px",
    });
    this.on("loaded", () => {
      if (this.playhead.drawn !== this.playhead.want) this.playhead.wake();
    });
    this.on("settled", () => this.frames.begin());
    this.on("settled", () => this.write());
    this.on("pinned", () => this.write());
    this.on("escape", () => this.playhead.endPreview());
    onTheme(() => this.refresh(0), this.signal);
  }

  /**
   * @param {string} name
   * @param {(...values: any[]) => void} listener
   */
  on(name, listener) {
    this.#events.on(name, listener);
  }

  /**
   * @param {string} name
   * @param {...any} values
   */
  emit(name, ...values) {
    this.#events.emit(name, ...values);
  }

  get steps() {
    return this.shown.steps;
  }

  get frames() {
    return this.shown.frames;
  }

  get selection() {
    return this.shown.selection;
  }

  /** The chart above the scrub bar. */
  get host() {
    return this.panels.find((panel) => panel.isHost) || null;
  }

  /**
   * Stand panels on the stage, instead of those that are there.
   * @param {StagePanel[]} panels
   */
  setPanels(panels) {
    for (const panel of this.panels) {
      if (panels.includes(panel)) continue;
      this.watcher.unobserve(panel.element);
      panel.close();
    }
    const fresh = panels.filter((panel) => !this.panels.includes(panel));
    this.panels = panels;
    for (const panel of fresh) this.watcher.observe(panel.element);
  }

  /** @param {IntersectionObserverEntry[]} entries */
  look(entries) {
    for (const { target, isIntersecting } of entries) {
      const panel = this.panels.find((one) => one.element === target);
      if (panel) this.setVisible(panel, isIntersecting);
    }
  }

  /**
   * @param {StagePanel} panel
   * @param {boolean} visible
   */
  setVisible(panel, visible) {
    if (panel.visible === visible) return;
    panel.visible = visible;
    if (!visible || !this.steps.length) return;
    this.frames.pump();
    if (panel.plotted) this.playhead.invalidate();
    this.settler.soon(panel.plotted ? 120 : 0);
  }

  /**
   * Go to a place by hand: it no longer plays, nor follows.
   * @param {number} place
   * @param {string} source
   */
  goTo(place, source) {
    this.playback.pause();
    this.playhead.seek(place, source);
    this.emit("hand");
  }

  /**
   * Show a place as the first picture: exact figures first, frames after them.
   * @param {number} place
   */
  begin(place) {
    this.playhead.want = place;
    this.playhead.drawn = -1;
    this.playhead.invalidate();
    this.settler.soon(0);
    this.frames.pause(400);
  }

  /**
   * Draw and settle again, after something else than the playhead has changed.
   * @param {number} [delay] milliseconds until exact figures are asked for
   */
  refresh(delay = 30) {
    this.playhead.invalidate();
    this.settler.soon(delay);
  }

  /**
   * Change part of the selection: {k: 14}. Panels that read it are made anew.
   * @param {Record<string, any>} changes
   */
  select(changes) {
    const changed = this.shown.choose(changes);
    if (!changed.length) return;
    this.emit("selected", changed);
    this.refresh();
  }

  /** @param {TimeAxis} axis */
  setAxis(axis) {
    this.axis = axis;
    remember("axis", axis);
    this.emit("axis");
    this.refresh(0);
  }

  /** What the address carries beside what is shown: looks that were asked for in it. */
  state() {
    const state = this.shown.state();
    const asked = new URLSearchParams(window.location.search);
    if (asked.has("t")) state.t = currentTheme();
    if (asked.has("perf")) state.perf = asked.get("perf");
    return state;
  }

  /** Write the address, unless it is another page's that is still being laid out. */
  write() {
    const here = this.root.isConnected && window.location.pathname === this.path;
    if (here && !this.closed) replaceQuery(queryString(this.state()));
  }

  /**
   * A link that shows the same picture on another computer, theme included.
   * @param {Record<string, unknown>} [more]
   */
  permalink(more) {
    const query = queryString({ ...this.state(), t: currentTheme(), ...more });
    const [here] = window.location.href.split(/[?#]/); // a file has no origin
    return `${here}?${query}`;
  }

  about() {
    return this.shown.about();
  }

  /** Whether every panel on screen shows the exact figure of the wanted place. */
  get settled() {
    const { want } = this.playhead;
    return this.panels.every(
      (panel) => panel.visible !== null && (!panel.visible || panel.isSettled(want)),
    );
  }

  close() {
    this.closed = true;
    this.controller.abort();
    this.watcher.disconnect();
    this.playhead.stop();
    this.settler.cancel();
    for (const panel of this.panels) panel.close();
  }
}
