/**
 * The one door to Plotly: loading it, drawing into elements of ours, what a drawn figure
 * says of its axes. Nothing else touches `window.Plotly` or the inside of a plot.
 */

import { appUrl } from "../lib/net.js";
import { formatNumber, writerOf } from "../lib/numbers.js";
import { middles } from "./points.js";
import { fitSquares, pixelRatio, squaresOf } from "./squares.js";

/**
 * @import { Figure } from "../contract.js"
 * @import { Place } from "./points.js"
 * @import { SquareMap } from "./squares.js"
 */

/**
 * @typedef {any} Axis as Plotly lays it out: _offset, _length, c2p, range …
 * @typedef {any} Trace as Plotly fills it in
 * @typedef {{ id: string, xa: Axis, ya: Axis }} Subplot
 */

/** All of Plotly; `<meta name="plotly">` names the part of it that draws in two dimensions. */
const WHOLE = "/_dash-component-suites/plotly/package_data/plotly.min.js";

/** What the part draws of what the figures of grokdash are made of. */
const FLAT = new Set(["bar", "heatmap", "scatter"]);

const CONFIG = {
  displayModeBar: false,
  displaylogo: false,
  doubleClick: "reset",
  plotlyServerURL: "",
  showSendToCloud: false,
};

/** @type {Map<string, Promise<Plotly>>} by address of the script */
const loading = new Map();

/** @type {WeakMap<HTMLElement, Plotly>} what a figure has been drawn with */
const drawnWith = new WeakMap();

/** How a figure writes a power of ten of which it has the logarithm, for any Plotly. */
const LOGARITHM = "10<sup>%{z:.2f}</sup>";

/** The format that stands for it here. */
const POWER = "power";

/** Plotly shows hovers no faster than this. */
const HOVER_MS = 60;
/** @type {WeakMap<HTMLElement, SquareMap[]>} the maps of a figure that are square */
const squares = new WeakMap();

/**
 * Make square maps fit the element they stand in.
 * @param {HTMLElement} node
 * @param {Figure} figure drawn or to be drawn in it
 */
function fitMaps(node, figure) {
  const maps = squares.get(node) || [];
  if (!maps.length) return;
  const style = getComputedStyle(node); // from which Plotly takes whole pixels
  const [width, height] = [style.width, style.height].map((size) => Math.round(parseFloat(size)));
  fitSquares(figure, maps, { width, height }, pixelRatio());
}

/**
 * The Plotly that most figures need, loaded once. Dash uses it for its own graphs.
 * @returns {Promise<Plotly>}
 */
export function loadPlotly() {
  const about = document.querySelector("meta[name=plotly]");
  return load(about?.getAttribute("content") || appUrl(WHOLE));
}

/**
 * Whether a figure has two dimensions: it is drawn as SVG.
 * @param {Pick<Figure, "data">} figure
 */
export const isFlat = ({ data }) => data.every((trace) => FLAT.has(trace.type || "scatter"));

/**
 * The Plotly that a figure needs.
 * @param {Figure} figure
 */
const plotlyFor = (figure) => (isFlat(figure) ? loadPlotly() : load(appUrl(WHOLE)));

/** @param {string} address of a script that puts itself on the page as `Plotly` */
function load(address) {
  const known = loading.get(address);
  if (known) return known;
  /** @type {Promise<Plotly>} */
  const coming = new Promise((resolve, reject) => {
    const before = window.Plotly;
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => {
      resolve(/** @type {Plotly} */ (window.Plotly));
      window.Plotly = before || window.Plotly;
    };
    script.onerror = () => {
      loading.delete(address);
      reject(new Error("The pictures could not be loaded: reload the page."));
    };
    document.head.append(script);
  });
  loading.set(address, coming);
  return coming;
}

/** @type {ResizeObserver | null} keeps figures as large as the elements they stand in */
let sizes = null;

/** @param {ResizeObserverEntry[]} entries */
function resize(entries) {
  for (const { target } of entries) {
    const gd = /** @type {HTMLElement} */ (target);
    if (!isDrawn(gd) || !gd.clientWidth || !gd.clientHeight || fits(gd)) continue;
    fitMaps(gd, gd);
    for (const { x, y } of squares.get(gd) || [])
      for (const name of [x, y]) gd._fullLayout[name]._inputDomain = null; // it has a new one
    drawnWith.get(gd)?.Plots.resize(gd);
  }
}

/** @param {PlotElement} gd */
function fits(gd) {
  const { width, height } = gd._fullLayout;
  return Math.abs(width - gd.clientWidth) < 1 && Math.abs(height - gd.clientHeight) < 1;
}

/**
 * Draw a figure into an element; what the reader has zoomed stays while `uirevision` does.
 * @param {HTMLElement} node
 * @param {Figure} figure
 * @returns {Promise<PlotElement>}
 */
export async function drawFigure(node, figure) {
  const plotly = await plotlyFor(figure);
  drawnWith.set(node, plotly);
  for (const trace of figure.data) {
    const { hovertemplate } = trace;
    if (typeof hovertemplate === "string")
      trace.hovertemplate = hovertemplate.replace(LOGARITHM, `%{z:${POWER}}`);
  }
  squares.set(node, squaresOf(figure));
  fitMaps(node, figure);
  await plotly.react(node, figure.data, figure.layout, CONFIG);
  sizes ||= new ResizeObserver(resize);
  sizes.observe(node);
  return /** @type {PlotElement} */ (node);
}

/**
 * Lay elements of ours over the data of a drawn figure and under its text and tooltips.
 * @param {PlotElement} gd
 * @param {Element[]} elements the lowest first
 */
export function layUnderText(gd, elements) {
  const [, text] = gd.querySelectorAll(".svg-container > .main-svg");
  if (text && elements.some((one) => one.parentNode !== text.parentNode)) text.before(...elements);
}

/** @param {HTMLElement} node whose figure and listeners go */
export function removeFigure(node) {
  sizes?.unobserve(node);
  drawnWith.get(node)?.purge(node);
}

/**
 * The formats of a drawn figure, with numbers as sentences write them. Plotly's own know
 * no minus but a hyphen and no power of ten, and take no other.
 * @param {{ numberFormat(format: string): (value: any) => string }} locale
 */
function writeNumbers(locale) {
  const own = locale.numberFormat;
  locale.numberFormat = (format) =>
    format === POWER ? (value) => formatNumber(10 ** value) : writerOf(format) || own(format);
  written.add(locale);
}

/** @type {WeakSet<object>} */
const written = new WeakSet();

/** Make the hovers of every figure under the mouse write numbers as sentences do. */
export function writeHovers() {
  const write = (/** @type {Event} */ event) => {
    const node = event.target instanceof Element ? event.target.closest(".js-plotly-plot") : null;
    const locale = /** @type {PlotElement | null} */ (node)?._fullLayout?._d3locale;
    if (locale && !written.has(locale)) writeNumbers(locale);
  };
  document.addEventListener("mousemove", write, { capture: true, passive: true });
}

/**
 * Every point of a drawn figure that has a hover, in the plots with an x and a y axis.
 * @param {PlotElement} gd
 * @returns {Place[]}
 */
export function placesOf(gd) {
  return gd.calcdata.flatMap((calc, trace) => {
    const full = calc[0]?.trace;
    const plot = full?.visible === true && full.hoverinfo !== "skip" ? plotOf(gd, full) : null;
    if (!plot) return [];
    const x = (/** @type {number} */ value) => plot.xaxis._offset + plot.xaxis.c2p(value);
    const y = (/** @type {number} */ value) => plot.yaxis._offset + plot.yaxis.c2p(value);
    const line = String(full.mode).includes("lines");
    if (full.type === "heatmap") return cellsOf(calc[0], trace, x, y);
    return calc.flatMap((one, point) => {
      const [px, py] = one.ct
        ? [plot.xaxis._offset + one.ct[0], plot.yaxis._offset + one.ct[1]]
        : [x(one.x), y(one.y)];
      return Number.isFinite(px) && Number.isFinite(py)
        ? [{ trace, point, x: px, y: py, line }]
        : [];
    });
  });
}

/**
 * @param {any} map as Plotly has calculated it
 * @param {number} trace
 * @param {(value: number) => number} x
 * @param {(value: number) => number} y
 * @returns {Place[]}
 */
function cellsOf(map, trace, x, y) {
  const columns = middles(map.x, map.z[0]?.length || 0, x);
  const rows = middles(map.y, map.z.length, y);
  return rows.flatMap((top, row) =>
    columns.map((left, column) => ({ trace, point: [row, column], x: left, y: top })),
  );
}

/**
 * Show the hover of one point, as if the mouse were there.
 * @param {PlotElement} gd
 * @param {Place} place
 * @returns {Promise<{ text: string, point: any }>} what it says; the point as events have it
 */
export async function hoverPlace(gd, { trace, x, y }) {
  const full = gd.calcdata[trace]?.[0]?.trace;
  const plot = full && plotOf(gd, full);
  const target = plot?.draglayer?.select(".nsewdrag").node();
  if (!target) return { text: "", point: null };
  const locale = gd._fullLayout._d3locale;
  if (!written.has(locale)) writeNumbers(locale);
  const { left, top } = gd.getBoundingClientRect();
  const at = { target, clientX: left + x, clientY: top + y };
  drawnWith.get(gd)?.Fx.hover(gd, at, plot.id);
  await new Promise((then) => setTimeout(then, HOVER_MS));
  const lines = [...gd.querySelectorAll(".hoverlayer .hovertext .line")];
  const texts = lines.length ? lines : [...gd.querySelectorAll(".hoverlayer .hovertext text")];
  const text = texts.map((one) => one.textContent).join(", ");
  return { text: text.replaceAll("\u200b", ""), point: gd._hoverdata?.[0] };
}

/** @param {PlotElement} gd whose hover goes */
export function leavePlaces(gd) {
  drawnWith.get(gd)?.Fx.unhover(gd, {}, "xy");
}

/**
 * A figure as the address of a picture.
 * @param {Figure} figure
 * @param {PlotImage} options
 * @returns {Promise<string>}
 */
export const figureImage = async (figure, options) =>
  (await plotlyFor(figure)).toImage(figure, options);

/**
 * What draws a figure; Dash draws its own with the one on the page.
 * @param {PlotElement} gd
 */
const plotlyOf = (gd) => drawnWith.get(gd) || window.Plotly;

/**
 * Change the layout of a drawn figure.
 * @param {PlotElement} gd
 * @param {Record<string, any>} changes
 */
export const relayout = (gd, changes) => plotlyOf(gd)?.relayout(gd, changes);

/**
 * Change the traces of a drawn figure.
 * @param {PlotElement} gd
 * @param {Record<string, any>} changes
 */
export const restyle = (gd, changes) => plotlyOf(gd)?.restyle(gd, changes);

/**
 * Whether an element holds a figure that has been drawn.
 * @param {HTMLElement | null | undefined} node
 * @returns {node is PlotElement}
 */
export function isDrawn(node) {
  const gd = /** @type {PlotElement | null | undefined} */ (node);
  return Boolean(gd?._fullLayout?._plots && gd.calcdata);
}

/**
 * The subplots of a drawn figure that have an x and a y axis.
 * @param {PlotElement} gd
 * @returns {Subplot[]}
 */
export function subplots(gd) {
  /** @type {Record<string, any>} */
  const plots = gd._fullLayout._plots;
  return Object.entries(plots).map(([id, plot]) => ({ id, xa: plot.xaxis, ya: plot.yaxis }));
}

/**
 * The subplot that a trace is drawn in.
 * @param {PlotElement} gd
 * @param {Trace} trace
 */
export const plotOf = (gd, trace) => gd._fullLayout._plots[trace.xaxis + trace.yaxis];
