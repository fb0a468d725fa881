/** A sweep's page: the theme of its figures, its address, opening runs, its animation. */

import { relayout, restyle } from "../canvas/plotly.js";
import { queryString, replaceQuery } from "../lib/address.js";
import { byId, closest, setText } from "../lib/dom.js";
import { navigate } from "../lib/navigation.js";
import { appUrl } from "../lib/net.js";
import { formatEpoch } from "../lib/numbers.js";
import { currentTheme, onTheme } from "../lib/theme.js";

/**
 * @import { SweepConfig } from "../contract.js"
 * @import { OpenPage } from "../lib/lifecycle.js"
 */

/**
 * @typedef {"epochs" | "values"} Kind of animation
 *
 * @typedef {object} Animation that runs
 * @property {Kind} kind
 * @property {number} since milliseconds
 * @property {number} frame
 * @property {number | null} place of the value on show
 * @property {number | null} pushed where the slider was last sent
 */

const DURATION_MS = 8000;
const VALUE_MS = 900;
const FULL = 1000;

const nothing = () => window.dash_clientside.no_update;

/** @returns {OpenPage} */
export function openSweep() {
  const controller = new AbortController();
  const { signal } = controller;
  onTheme(() => window.dash_clientside.set_props("sweep-theme", { data: currentTheme() }), signal);
  document.addEventListener(
    "click",
    (event) => {
      const button = closest(event.target, "[data-sweep]");
      if (button) play(/** @type {Kind} */ (button.dataset.sweep));
    },
    { signal },
  );
  return {
    close() {
      stop();
      controller.abort();
    },
  };
}

/** @param {SweepConfig | null} config */
function sweepTheme(config) {
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
function sweepRemember(x, y, event, colour, held, test, train, kept, delay, ids, config) {
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
  stop();
  const csv = appUrl(`/api/sweep/${encodeURIComponent(config.id)}/runs.csv?${query}`);
  return [ids.map((id) => id.axis === x || id.axis === y), csv];
}

/** Open the run that was clicked, in whichever picture. */
function sweepOpen() {
  const [triggered] = window.dash_clientside.callback_context.triggered;
  const clicked = /** @type {{ points: any[] } | null | undefined} */ (triggered?.value);
  const point = clicked?.points[0];
  if (!point) return nothing();
  const run = runOf(triggered.prop_id.replace(/\.clickData$/, ""), point);
  if (run) navigate(appUrl(`/run/${encodeURIComponent(run)}`));
  return nothing();
}

/**
 * @param {string} id of a picture
 * @param {any} point of it
 * @returns {string | null} the run that it stands for
 */
function runOf(id, point) {
  if (typeof point.customdata === "string") return point.customdata;
  const plot = plotOf(id);
  const meta = plot?.data[point.curveNumber].meta;
  if (Array.isArray(meta)) return meta[Math.round(point.y)];
  return typeof meta === "string" ? meta : null;
}

/**
 * @param {string} id of a picture
 * @returns {PlotElement | null | undefined}
 */
const plotOf = (id) => byId(id)?.querySelector(".js-plotly-plot");

/* ---- texts beside the sliders ---- */

export const SLIDER_WORDS = {
  /** @param {number} value */
  sweepPercent: (value) => `${Math.round(100 * value)}\u00a0%`,
  /** @param {number} value */
  sweepTimes: (value) => `×\u00a0${value}`,
};

/* ---- the animation ---- */

const ID = "sweep-graph-growing";
/** @type {Animation | null} */
let playing = null;

function stop() {
  if (!playing) return;
  cancelAnimationFrame(playing.frame);
  const button = byId(`sweep-play-${playing.kind}`);
  if (button) setText(button, `Play ${playing.kind}`);
  playing = null;
}

/**
 * Cover everything after an epoch: the curves seem to grow up to it.
 * @param {PlotElement} plot
 * @param {number} share of all epochs
 */
function reveal(plot, share) {
  const layout = plot._fullLayout;
  const colour = layout.plot_bgcolor;
  const shapes = [];
  const last = layout.xaxis.range[1];
  const epoch = Math.round(share * last);
  if (share < 1) {
    for (const number of ["", "2", "3", "4"]) {
      const axis = layout[`xaxis${number}`];
      if (!axis) continue;
      const common = { xref: `x${number}`, yref: `y${number} domain`, y0: 0, y1: 1 };
      shapes.push({
        ...common,
        type: "rect",
        x0: epoch,
        x1: Math.max(axis.range[1], epoch),
        fillcolor: colour,
        line: { width: 0 },
        layer: "above",
      });
      shapes.push({
        ...common,
        type: "line",
        x0: epoch,
        x1: epoch,
        line: { width: 1, color: layout.font.color, dash: "dot" },
      });
    }
  }
  relayout(plot, { shapes });
  setText(byId("sweep-play-label"), `epoch ${formatEpoch(epoch)}`);
}

/**
 * Show one swept value, all others faint; -1 shows all.
 * @param {PlotElement} plot
 * @param {number} group
 */
function single(plot, group) {
  const groups = plot.data.map((trace) => trace.legendgroup);
  const opacity = groups.map((one) => (group < 0 || one === String(group) ? 1 : 0.08));
  restyle(plot, { opacity });
  const named = plot.data.find((trace) => trace.legendgroup === String(group));
  const title = plot._fullLayout.legend.title.text.trim();
  setText(byId("sweep-play-label"), named && group >= 0 ? `${title} ${named.name}` : "");
}

/** @param {number} value of the slider */
function sweepScrub(value) {
  const plot = plotOf(ID);
  if (!plot?._fullLayout || playing?.pushed === value) return nothing();
  stop();
  reveal(plot, value / FULL);
  return nothing();
}

/**
 * @param {Animation} animation
 * @param {PlotElement} plot
 * @param {number} now
 * @returns {boolean} whether it goes on
 */
function playEpochs(animation, plot, now) {
  const share = Math.min((now - animation.since) / DURATION_MS, 1);
  reveal(plot, share);
  animation.pushed = Math.round(share * FULL);
  window.dash_clientside.set_props("sweep-playhead", { value: animation.pushed });
  return share < 1;
}

/**
 * @param {Animation} animation
 * @param {PlotElement} plot
 * @param {number} now
 * @returns {boolean} whether it goes on
 */
function playValues(animation, plot, now) {
  const groups = [...new Set(plot.data.map((trace) => Number(trace.legendgroup)))];
  groups.sort((a, b) => a - b);
  const place = Math.floor((now - animation.since) / VALUE_MS);
  if (place !== animation.place) {
    animation.place = place;
    single(plot, place < groups.length ? groups[place] : -1);
  }
  return place < groups.length;
}

/** @param {Kind} kind a second press stops it */
function play(kind) {
  const plot = plotOf(ID);
  const before = playing?.kind;
  if (before === "values" && plot) single(plot, -1);
  stop();
  if (before === kind || !plot?.data.length) return;
  /** @type {Animation} */
  const animation = { kind, since: performance.now(), frame: 0, place: null, pushed: null };
  playing = animation;
  setText(byId(`sweep-play-${kind}`), "Stop");
  const advance = kind === "epochs" ? playEpochs : playValues;
  const tick = (/** @type {number} */ time) => {
    if (playing !== animation) return;
    const current = plotOf(ID);
    const now = Math.max(time, animation.since);
    if (current && advance(animation, current, now)) animation.frame = requestAnimationFrame(tick);
    else stop();
  };
  animation.frame = requestAnimationFrame(tick);
}

/** What the callbacks of the page call. */
export const CALLBACKS = { sweepTheme, sweepRemember, sweepOpen, sweepScrub };
