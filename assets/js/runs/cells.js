/** Cells of the list of runs. Components, never strings of code: the page forbids eval. */

import { runAddress } from "../lib/address.js";
import { follow } from "../lib/navigation.js";
import { appUrl } from "../lib/net.js";
import { clamp, formatAge, formatBytes, formatEpoch, formatPercent } from "../lib/numbers.js";
import { editRun } from "./edit.js";
import { isLaunch, showLog } from "./trainers.js";

/**
 * @import { RowState, RunRow } from "../contract.js"
 *
 * What the grid hands to a cell, and what a cell gives it.
 * @typedef {{ data: RunRow }} Cell
 * @typedef {{ value: number | null }} NumberCell
 * @typedef {{}} Drawn an element of React
 */

/**
 * @param {string} tag
 * @param {Record<string, unknown>} properties
 * @param {...(Drawn | string)} children
 * @returns {Drawn}
 */
const make = (tag, properties, ...children) =>
  window.React.createElement(tag, properties, ...children);

/** @param {string} text */
const plain = (text) => make("span", {}, text);

/** @param {RunRow} row of a start that is no run yet */
function launchTitle({ id, message, state }) {
  const failed = state === "failed";
  return make(
    "span",
    { className: failed ? "broken" : "", title: message || id },
    failed ? `${id}: ${message}` : id,
  );
}

/**
 * Tell a run apart whose name, id and configuration disagree; the hint says how.
 * @param {RunRow} row
 */
const noticeTag = ({ id, title }) => (title === id ? "⚠" : `⚠ ${id}`);

/** @typedef {Cell & { words: Record<RowState, string> }} StateCell */

/** @param {StateCell} cell */
function titleCell({ data, words }) {
  if (isLaunch(data.state)) return launchTitle(data);
  const href = appUrl(runAddress(data.id));
  const onClick = (/** @type {MouseEvent} */ event) => follow(event, href);
  const tags = data.tags.map((tag) => make("span", { className: "tag", key: tag }, tag));
  return make(
    "span",
    { title: [data.problem, data.notice, data.notes || data.id].filter(Boolean).join("\n") },
    make("a", { href, onClick, className: data.problem ? "broken" : "" }, data.title),
    ...(data.notice ? [make("span", { className: "tag", key: "" }, noticeTag(data))] : []),
    ...tags,
    facts(data, words),
  );
}

/**
 * What stands under the name where there is no room for columns.
 * @param {RunRow} row
 * @param {Record<RowState, string>} words
 */
function facts(row, words) {
  const { grok_text, test_accuracy, p } = row;
  const known = [
    `test ${formatPercent(test_accuracy)}`,
    grok_text && `grok ${grok_text}`,
    `p ${p}`,
  ];
  return make(
    "span",
    { className: "run-facts" },
    stateCell({ data: row, words }),
    progressCell({ data: row }),
    plain(known.filter(Boolean).join(" · ")),
  );
}

/** @param {StateCell} cell */
function stateCell({ data, words }) {
  const why = data.problem || data.message;
  return make("span", { className: `state state-${data.state}`, title: why }, words[data.state]);
}

/** @param {Cell} cell */
function progressCell({ data: { state, step, epochs } }) {
  const share = Math.min(1, epochs ? step / epochs : 0);
  return make(
    "span",
    { className: "progress-cell", title: `${step} of ${epochs} epochs` },
    make(
      "span",
      { className: "progress" },
      make("span", {
        className: `progress-bar part-${state}`,
        style: { width: `${100 * share}%` },
      }),
    ),
    plain(epochs ? formatEpoch(step) : "–"),
  );
}

/** @param {{ value: string }} cell */
const wordsCell = ({ value }) => plain(value.replaceAll("_", " "));

/** @param {NumberCell} cell */
function ageCell({ value }) {
  return make(
    "span",
    { title: value ? new Date(1000 * value).toLocaleString() : "" },
    formatAge(value),
  );
}

/** @param {Cell} cell */
function intervalCell({ data }) {
  const className = data.grok_end === null ? "quiet" : "";
  return make("span", { className, title: data.grok_hint }, data.grok_text || "–");
}

/** @param {Cell} cell */
function keysCell({ data }) {
  return make("span", { title: data.keys_hint }, data.keys_text || "–");
}

/** @param {{ value: RunRow["sparkline"] }} cell */
function sparklineCell({ value }) {
  if (value.length < 2) return plain("");
  const points = value.map((one, i) => {
    const x = (100 * i) / (value.length - 1);
    return `${x.toFixed(1)} ${(22 - 20 * clamp(one, 0, 1)).toFixed(1)}`;
  });
  const look = { viewBox: "0 0 100 24", className: "sparkline", preserveAspectRatio: "none" };
  return make(
    "svg",
    { ...look, role: "img", "aria-label": "test accuracy over training" },
    make("path", { d: `M${points.join("L")}`, fill: "none", vectorEffect: "non-scaling-stroke" }),
  );
}

/** @param {Cell} cell */
function menuCell({ data }) {
  const launch = isLaunch(data.state);
  return make("button", {
    type: "button",
    className: "tool tool-icon",
    "data-icon": "menu",
    "aria-label": launch ? `Log of ${data.id}` : `Stop, go on, name, note or delete ${data.title}`,
    title: launch ? "Log" : "Stop, go on, log, name, note, delete",
    onClick: () => (launch ? showLog(data.id) : editRun(data)),
  });
}

/** Tell the grid of these cells; before it is made. */
export function registerCells() {
  window.dashAgGridComponentFunctions = {
    ...window.dashAgGridComponentFunctions,
    GrokRunTitle: titleCell,
    GrokRunState: stateCell,
    GrokProgress: progressCell,
    GrokWords: wordsCell,
    GrokPercent: ({ value }) => plain(formatPercent(value)),
    GrokBytes: ({ value }) => plain(formatBytes(value || null)),
    GrokAge: ageCell,
    GrokInterval: intervalCell,
    GrokKeys: keysCell,
    GrokSparkline: sparklineCell,
    GrokRunMenu: menuCell,
  };
}
