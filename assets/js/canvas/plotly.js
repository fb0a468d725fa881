/**
 * The one door to Plotly: loading it, drawing into elements of ours, what a drawn figure
 * says of its axes. Nothing else touches `window.Plotly` or the inside of a plot.
 */

import { appUrl } from "../lib/net.js";

/** @import { Figure } from "../contract.js" */

/**
 * @typedef {any} Axis as Plotly lays it out: _offset, _length, c2p, range …
 * @typedef {any} Trace as Plotly fills it in
 * @typedef {{ id: string, xa: Axis, ya: Axis }} Subplot
 */

const PATH = "/_dash-component-suites/plotly/package_data/plotly.min.js";

const CONFIG = {
  displayModeBar: false,
  displaylogo: false,
  doubleClick: "reset",
  plotlyServerURL: "",
  showSendToCloud: false,
};

/** @type {Promise<Plotly> | null} */
let loading = null;

/**
 * Plotly, loaded once. Dash loads the same file for its own graphs; whoever is first.
 * @returns {Promise<Plotly>}
 */
export function loadPlotly() {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  loading ||= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = appUrl(PATH);
    script.onload = () => resolve(/** @type {Plotly} */ (window.Plotly));
    script.onerror = () => {
      loading = null;
      reject(new Error("The pictures could not be loaded: reload the page."));
    };
    document.head.append(script);
  });
  return loading;
}

/** @type {ResizeObserver | null} keeps figures as large as the elements they stand in */
let sizes = null;

/** @param {ResizeObserverEntry[]} entries */
function resize(entries) {
  for (const { target } of entries) {
    const gd = /** @type {HTMLElement} */ (target);
    if (isDrawn(gd) && gd.clientWidth && gd.clientHeight && !fits(gd))
      window.Plotly?.Plots.resize(gd);
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
  const plotly = await loadPlotly();
  await plotly.react(node, figure.data, figure.layout, CONFIG);
  sizes ||= new ResizeObserver(resize);
  sizes.observe(node);
  return /** @type {PlotElement} */ (node);
}

/** @param {HTMLElement} node whose figure and listeners go */
export function removeFigure(node) {
  sizes?.unobserve(node);
  if (window.Plotly) window.Plotly.purge(node);
}

/**
 * A figure as the address of a picture.
 * @param {Figure} figure
 * @param {PlotImage} options
 * @returns {Promise<string>}
 */
export const figureImage = async (figure, options) => (await loadPlotly()).toImage(figure, options);

/**
 * Change the layout of a drawn figure.
 * @param {PlotElement} gd
 * @param {Record<string, any>} changes
 */
export const relayout = (gd, changes) => window.Plotly?.relayout(gd, changes);

/**
 * Change the traces of a drawn figure.
 * @param {PlotElement} gd
 * @param {Record<string, any>} changes
 */
export const restyle = (gd, changes) => window.Plotly?.restyle(gd, changes);

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
