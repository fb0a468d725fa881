/** The curves of a sweep in motion: they grow with the epoch, or come value by value. */

import { relayout, restyle } from "../canvas/plotly.js";
import { byId, setText } from "../lib/dom.js";
import { formatEpoch } from "../lib/numbers.js";
import { plotIn } from "./plot.js";

/**
 * @typedef {"epochs" | "values"} Kind of animation
 *
 * @typedef {object} Playing
 * @property {Kind} kind
 * @property {HTMLElement} button
 * @property {any[]} data that is drawn
 * @property {number} since milliseconds
 * @property {number} frame
 * @property {number | null} place of the value on show
 * @property {number | null} pushed where the slider was last sent
 */

const GRAPH = "sweep-graph-growing";
const DURATION_MS = 8000;
const VALUE_MS = 900;
const FULL = 1000;

/** @param {string} text */
const say = (text) => setText(byId("sweep-play-label"), text);

export class Animation {
  /** @type {Playing | null} */
  #playing = null;

  /**
   * A second press of a button stops what it has started.
   * @param {HTMLElement} button
   */
  toggle(button) {
    const kind = /** @type {Kind} */ (button.dataset.sweep);
    const before = this.#playing?.kind;
    const plot = plotIn(GRAPH);
    if (before === "values" && plot) showValue(plot, -1);
    this.stop();
    if (before === kind || !plot?.data.length) return;
    const { data } = plot;
    const since = performance.now();
    this.#playing = { kind, button, data, since, frame: 0, place: null, pushed: null };
    swapLabel(button);
    this.#next();
  }

  #next() {
    const playing = this.#playing;
    if (playing) playing.frame = requestAnimationFrame((time) => this.#tick(playing, time));
  }

  /**
   * @param {Playing} playing
   * @param {number} time
   */
  #tick(playing, time) {
    const plot = plotIn(GRAPH);
    const advance = playing.kind === "epochs" ? playEpochs : playValues;
    const same = plot?.data === playing.data;
    if (plot && same && advance(playing, plot, Math.max(time, playing.since))) this.#next();
    else this.stop();
  }

  stop() {
    const playing = this.#playing;
    this.#playing = null;
    if (!playing) return;
    cancelAnimationFrame(playing.frame);
    swapLabel(playing.button);
  }

  /** @param {number} value of the slider below the curves */
  fromSlider(value) {
    const plot = plotIn(GRAPH);
    if (!plot?._fullLayout || this.#playing?.pushed === value) return;
    this.stop();
    revealUpTo(plot, value / FULL);
  }
}

/**
 * What a button says, and what it says while its animation runs.
 * @param {HTMLElement} button
 */
function swapLabel(button) {
  const other = button.dataset.labelOther || "";
  button.dataset.labelOther = button.textContent || "";
  setText(button, other);
  button.dataset.icon = button.dataset.icon === "play" ? "pause" : "play";
}

/**
 * @param {Playing} playing
 * @param {PlotElement} plot
 * @param {number} now
 * @returns {boolean} whether it goes on
 */
function playEpochs(playing, plot, now) {
  const share = Math.min((now - playing.since) / DURATION_MS, 1);
  revealUpTo(plot, share);
  playing.pushed = Math.round(share * FULL);
  window.dash_clientside.set_props("sweep-playhead", { value: playing.pushed });
  return share < 1;
}

/**
 * @param {Playing} playing
 * @param {PlotElement} plot
 * @param {number} now
 * @returns {boolean} whether it goes on
 */
function playValues(playing, plot, now) {
  const groups = [...new Set(plot.data.map((trace) => Number(trace.legendgroup)))];
  groups.sort((a, b) => a - b);
  const place = Math.floor((now - playing.since) / VALUE_MS);
  if (place !== playing.place) {
    playing.place = place;
    showValue(plot, place < groups.length ? groups[place] : -1);
  }
  return place < groups.length;
}

/**
 * Cover everything after an epoch: the curves seem to grow up to it.
 * @param {PlotElement} plot
 * @param {number} share of all epochs
 */
function revealUpTo(plot, share) {
  const layout = plot._fullLayout;
  const epoch = Math.round(share * layout.xaxis.range[1]);
  const axes = ["", "2", "3", "4"].filter((number) => share < 1 && layout[`xaxis${number}`]);
  relayout(plot, { shapes: axes.flatMap((number) => coverAfter(epoch, layout, number)) });
  say(`epoch ${formatEpoch(epoch)}`);
}

/**
 * @param {number} epoch
 * @param {any} layout
 * @param {string} number of the axes
 */
function coverAfter(epoch, layout, number) {
  const place = { xref: `x${number}`, yref: `y${number} domain`, x0: epoch, y0: 0, y1: 1 };
  const last = Math.max(layout[`xaxis${number}`].range[1], epoch);
  const cover = { fillcolor: layout.plot_bgcolor, line: { width: 0 }, layer: "above" };
  const line = { width: 1, color: layout.font.color, dash: "dot" };
  return [
    { ...place, type: "rect", x1: last, ...cover },
    { ...place, type: "line", x1: epoch, line },
  ];
}

/**
 * Show one swept value, all others faint; -1 shows all.
 * @param {PlotElement} plot
 * @param {number} group
 */
function showValue(plot, group) {
  const groups = plot.data.map((trace) => trace.legendgroup);
  const opacity = groups.map((one) => (group < 0 || one === String(group) ? 1 : 0.08));
  restyle(plot, { opacity });
  const named = plot.data.find((trace) => trace.legendgroup === String(group));
  const title = plot._fullLayout.legend.title.text.trim();
  say(named && group >= 0 ? `${title} ${named.name}` : "");
}
