/** Cross-highlighting: what is hovered or selected in one view is marked in all. */

import { clearedCanvas } from "../canvas/overlay.js";
import { plotOf, subplots } from "../canvas/plotly.js";
import { insideSubplot } from "../canvas/subplot.js";
import { cssColour } from "../lib/theme.js";

/**
 * @import { Axis } from "../canvas/plotly.js"
 * @import { SelectionValues, ViewAbout } from "../contract.js"
 * @import { PanelStage, StagePanel } from "./panel.js"
 * @import { Picture } from "./picture.js"
 */

/** Pixels of paper on both sides of a mark, so that it is seen on any colour. */
const HALO = 1;

/** Pixels from which on a row or a column is marked at its sides. */
const WIDE = 8;

/** @typedef {Partial<Record<string, number | string | null>>} Marked values by name */

/**
 * @param {any} point of an event of Plotly
 * @param {string} place "x", "y", "point" or "customdata"
 */
function numberAt(point, place) {
  const raw = place === "point" ? point.pointNumber : point[place];
  const number = Number(Array.isArray(raw) ? raw[0] : raw);
  return Number.isFinite(number) ? Math.round(number) : null;
}

/**
 * What a point of a figure stands for, by name.
 * @param {ViewAbout} view
 * @param {any} point
 */
export function readPoint(view, point) {
  /** @type {Record<string, number>} */
  const found = {};
  for (const [place, name] of Object.entries(view.picks)) {
    const value = numberAt(point, place);
    if (value !== null) found[name] = value;
  }
  return found;
}

/**
 * Where lines mark a whole number along an axis: through its middle, or at both sides of
 * its row or column where that is wide enough to be read between them.
 * @param {Axis} axis
 * @param {Marked[string]} value
 */
function placesOf(axis, value) {
  if (value === undefined || value === null) return [];
  const number = Number(value);
  const sides = [number - 0.5, number + 0.5].map((side) => axis.c2p(side));
  const wide = axis.type !== "log" && Math.abs(sides[1] - sides[0]) >= WIDE;
  const places = (wide ? sides : [axis.c2p(number)]).filter(Number.isFinite);
  return places.map((place) => Math.floor(place) + 0.5); // on the middle of a pixel: sharp
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 * @param {Marked} values
 */
function strokeMarks(context, picture, values) {
  const gd = /** @type {PlotElement} */ (picture.gd);
  /** @type {Marked} */
  const at = {};
  for (const [place, name] of Object.entries(picture.view.picks)) {
    if (name in values) at[place] = values[name];
  }
  if (!Object.keys(at).length) return;
  for (const { xa, ya } of subplots(gd)) {
    insideSubplot(context, xa, ya, () => {
      context.beginPath();
      for (const x of placesOf(xa, at.x)) {
        context.moveTo(x, 0);
        context.lineTo(x, ya._length);
      }
      for (const y of placesOf(ya, at.y)) {
        context.moveTo(0, y);
        context.lineTo(xa._length, y);
      }
      context.stroke();
    });
  }
  if (at.point !== undefined) ringPoints(context, picture, gd, () => Number(at.point));
  if (at.customdata !== undefined) {
    const wanted = Number(at.customdata);
    ringPoints(context, picture, gd, (data) => Array.from(data ?? []).indexOf(wanted));
  }
}

/**
 * Ring one point of every trace of markers.
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 * @param {PlotElement} gd
 * @param {(customdata: ArrayLike<number> | undefined) => number} find its index
 */
function ringPoints(context, picture, gd, find) {
  for (const calc of gd.calcdata || []) {
    const trace = calc[0]?.trace;
    if (trace?.type !== "scatter" || !String(trace.mode).includes("markers")) continue;
    const index = find(trace.customdata);
    const plot = plotOf(gd, trace);
    const points = picture.scrubbing && picture.overlay?.pointsOf(trace);
    const known = calc[index];
    if (!plot || !(points || known)) continue;
    const x = points ? points[2 * index] : plot.xaxis.c2p(known.x);
    const y = points ? points[2 * index + 1] : plot.yaxis.c2p(known.y);
    insideSubplot(context, plot.xaxis, plot.yaxis, () => {
      context.beginPath();
      context.arc(x, y, 7, 0, 2 * Math.PI);
      context.stroke();
    });
  }
}

/**
 * Whether marks of a view lie on points, which move from frame to frame.
 * @param {ViewAbout} view
 */
export const marksMove = ({ picks }) => "point" in picks || "customdata" in picks;

/**
 * Draw the marks of one picture: selected values quietly, hovered ones clearly.
 * @param {Picture} picture
 * @param {SelectionValues} selection
 * @param {Marked | null} hovered
 */
export function drawMarks(picture, selection, hovered) {
  const { gd, view, marks } = picture;
  if (!gd || !Object.keys(view.picks).length) return;
  const context = clearedCanvas(marks, gd);
  const marked = [{ values: /** @type {any} */ (selection), colour: "--gd-mark", width: 1 }];
  if (hovered) marked.push({ values: hovered, colour: "--gd-accent", width: 1.5 });
  for (const { values, colour, width } of marked) {
    context.strokeStyle = cssColour("--gd-halo");
    context.lineWidth = width + 2 * HALO;
    strokeMarks(context, picture, values);
    context.strokeStyle = cssColour(colour);
    context.lineWidth = width;
    strokeMarks(context, picture, values);
  }
}

/**
 * Hovering and clicking in one panel of a stage marks and picks in all.
 * @param {PanelStage & { panels: StagePanel[], on(name: string, listener: (...values: any[]) => void): void }} stage
 */
export function linkPicks(stage) {
  let asked = false;

  function showAll() {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      if (stage.closed) return;
      for (const panel of stage.panels) if (panel.visible) panel.drawMarks();
    });
  }

  /** @param {Record<string, number> | null} values */
  function hover(values) {
    stage.hovered = values;
    showAll();
  }

  stage.on(
    "graph",
    (/** @type {StagePanel} */ { view, picture }, /** @type {PlotElement} */ gd) => {
      if (!Object.keys(view.picks).length) return;
      gd.on("plotly_hover", (event) => {
        if (!stage.playhead.playing && !picture.scrubbing) hover(readPoint(view, event.points[0]));
      });
      gd.on("plotly_unhover", () => hover(null));
      gd.on("plotly_click", (event) => {
        stage.hovered = null;
        stage.select(readPoint(view, event.points[0]));
      });
    },
  );
  stage.on("selected", showAll);
  stage.on("escape", () => hover(null));
}
