/** What the callbacks and the sliders of a sweep's page call. */

import { queryString, replaceQuery, runAddress } from "../lib/address.js";
import { navigate } from "../lib/navigation.js";
import { appUrl } from "../lib/net.js";
import { formatPercent } from "../lib/numbers.js";
import { currentTheme } from "../lib/theme.js";
import { plotIn } from "./plot.js";

/** @import { SweepConfig } from "../contract.js" */

const nothing = () => window.dash_clientside.no_update;

/** @param {SweepConfig | null} config */
export function sweepTheme(config) {
  return config ? currentTheme() : nothing();
}

/**
 * Keep the choice in the address; hide the sliders of axes that are drawn.
 * @param {string} x
 * @param {string} y
 * @param {string} event
 * @param {string} colour
 * @param {string[]} held values of the axes that are not drawn
 * @param {number} test
 * @param {number} train
 * @param {number} kept
 * @param {number} delay
 * @param {{ axis: string }[]} ids of what is held
 * @param {SweepConfig} config
 */
// biome-ignore lint/complexity/useMaxParams: Dash passes each input by itself
export function sweepRemember(x, y, event, colour, held, test, train, kept, delay, ids, config) {
  /** @type {Record<string, unknown>} */
  const values = { x, y, event, colour, test, train, kept, delay };
  ids.forEach((id, place) => {
    if (held[place] && id.axis !== x && id.axis !== y) values[`h.${id.axis}`] = held[place];
  });
  if (event === "lasting") delete values.event;
  if (colour === "median") delete values.colour;
  const query = queryString(values);
  if (window.location.pathname.endsWith(`/${encodeURIComponent(config.id)}`)) {
    replaceQuery(query);
  }
  const csv = appUrl(`/api/sweep/${encodeURIComponent(config.id)}/runs.csv?${query}`);
  return [ids.map((id) => id.axis === x || id.axis === y), csv];
}

/** Open the run that was clicked, in whichever picture. */
export function sweepOpen() {
  const [triggered] = window.dash_clientside.callback_context.triggered;
  const clicked = /** @type {{ points: any[] } | null | undefined} */ (triggered?.value);
  const point = clicked?.points[0];
  if (!point) return nothing();
  const run = runOf(triggered.prop_id.replace(/\.clickData$/, ""), point);
  if (run) navigate(appUrl(runAddress(run)));
  return nothing();
}

/**
 * @param {string} id of a picture
 * @param {any} point of it
 * @returns {string | null} the run that it stands for
 */
function runOf(id, point) {
  if (typeof point.customdata === "string") return point.customdata;
  const plot = plotIn(id);
  const meta = plot?.data[point.curveNumber].meta;
  if (Array.isArray(meta)) return meta[Math.round(point.y)];
  return typeof meta === "string" ? meta : null;
}

/** Texts beside the sliders. */
export const SLIDER_WORDS = {
  /** @param {number} value */
  sweepPercent: (value) => formatPercent(value, 0),
  /** @param {number} value */
  sweepTimes: (value) => `×\u00a0${value}`,
};
