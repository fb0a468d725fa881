/** The pictures that Dash draws on the page of a sweep. */

import { byId } from "../lib/dom.js";

/**
 * @param {string} id of a picture
 * @returns {PlotElement | null | undefined}
 */
export const plotIn = (id) => byId(id)?.querySelector(".js-plotly-plot");
