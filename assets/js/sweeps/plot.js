/** The pictures on the page of a sweep, once they are drawn. */

import { byId } from "../lib/dom.js";

/**
 * @param {string} id of a picture
 * @returns {PlotElement | null | undefined}
 */
export const plotIn = (id) => byId(id)?.querySelector(".js-plotly-plot");

/**
 * @param {string} id of a picture
 * @param {any} point of it
 * @returns {string | null} the run that it stands for
 */
export function runAt(id, point) {
  if (typeof point.customdata === "string") return point.customdata;
  const plot = plotIn(id);
  const meta = plot?.data[point.curveNumber].meta;
  if (Array.isArray(meta)) return meta[Math.round(point.y)];
  return typeof meta === "string" ? meta : null;
}
