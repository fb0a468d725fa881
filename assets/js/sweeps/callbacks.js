/** What the callbacks and the sliders of a sweep's page call. */

import { queryString, replaceQuery, runAddress } from "../lib/address.js";
import { navigate } from "../lib/navigation.js";
import { appUrl } from "../lib/net.js";
import { formatPercent } from "../lib/numbers.js";
import { currentTheme } from "../lib/theme.js";
import { narrow } from "./narrow.js";
import { runAt } from "./plot.js";

/** @import { SweepConfig } from "../contract.js" */

const NONE = "none";

const nothing = () => window.dash_clientside.no_update;

/** @param {SweepConfig | null} config */
export function sweepTheme(config) {
  return config ? [currentTheme(), narrow().matches] : [nothing(), nothing()];
}

/**
 * Keep the choice in the address; offer and say what can be chosen.
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
 * @param {Record<string, string>} axes
 * @param {SweepConfig} config
 */
// biome-ignore lint/complexity/useMaxParams: Dash passes each input by itself
export function sweepRemember(
  x,
  y,
  event,
  colour,
  held,
  test,
  train,
  kept,
  delay,
  ids,
  axes,
  config,
) {
  const limits = { test, train, kept, delay };
  /** @type {Record<string, unknown>} */
  const values = { x, y, event, colour, ...limits };
  ids.forEach((id, place) => {
    if (held[place] && id.axis !== x && id.axis !== y) values[`h.${id.axis}`] = held[place];
  });
  if (event === "lasting") delete values.event;
  if (colour === "median") delete values.colour;
  keepPossible(values);
  const query = queryString(values);
  if (window.location.pathname.endsWith(`/${encodeURIComponent(config.id)}`)) {
    replaceQuery(query);
  }
  const csv = appUrl(`/api/sweep/${encodeURIComponent(config.id)}/runs.csv?${query}`);
  const hidden = ids.map((id) => id.axis === x || id.axis === y);
  return [hidden, csv, otherAxes(axes, x), test, ...told(limits)];
}

/**
 * One axis is not drawn against itself, and no accuracy is kept that was never reached.
 * @param {Record<string, any>} values
 */
function keepPossible(values) {
  const { set_props } = window.dash_clientside;
  if (values.y === values.x) set_props("sweep-y", { value: NONE });
  if (values.kept > values.test) set_props("sweep-kept", { value: values.test });
}

/**
 * @param {Record<string, string>} axes titles by name
 * @param {string} x the one that is drawn already
 */
const otherAxes = (axes, x) => [
  { value: NONE, label: "none" },
  ...Object.entries(axes).map(([value, label]) => ({ value, label, disabled: value === x })),
];

/** @param {{ test: number, train: number, kept: number, delay: number }} limits */
const told = ({ test, train, kept, delay }) => [
  ...[test, train, kept].map((share) => formatPercent(share, 0)),
  `×\u00a0${delay}`,
];

/** Open the run that was clicked, in whichever picture. */
export function sweepOpen() {
  const [triggered] = window.dash_clientside.callback_context.triggered;
  const clicked = /** @type {{ points: any[] } | null | undefined} */ (triggered?.value);
  const point = clicked?.points[0];
  if (!point) return nothing();
  const run = runAt(triggered.prop_id.replace(/\.clickData$/, ""), point);
  if (run) navigate(appUrl(runAddress(run)));
  return nothing();
}
