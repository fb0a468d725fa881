/** Cells of the list of runs. Components, never strings of code: the page forbids eval. */

import { follow } from "../lib/navigation.js";
import { appUrl } from "../lib/net.js";
import { clamp, formatAge, formatBytes, formatEpoch, formatPercent } from "../lib/numbers.js";
import { editRun } from "./edit.js";
import { isLaunch, showLog } from "./trainers.js";

/** @type {Record<string, (props: any) => any>} */
const registry = {};

/** @type {(type: string, attributes: object, ...children: any[]) => any} */
const make = (...parts) => window.React.createElement(...parts);

registry.GrokRunTitle = ({ data }) => {
  const words = [data.title];
  const tags = (data.tags || []).map((/** @type {string} */ tag) =>
    make("span", { className: "tag", key: tag }, tag),
  );
  if (isLaunch(data)) {
    const failed = data.state === "failed";
    return make(
      "span",
      { className: failed ? "broken" : "", title: data.message || data.id },
      failed ? `${data.id}: ${data.message}` : data.id,
    );
  }
  if (data.problem) {
    return make(
      "span",
      { className: "broken", title: data.problem },
      `${data.id}: ${data.problem}`,
    );
  }
  const href = appUrl(`/run/${encodeURIComponent(data.id)}`);
  const onClick = (/** @type {MouseEvent} */ event) => follow(event, href);
  return make(
    "span",
    { title: data.notes || data.id },
    make("a", { href, onClick }, ...words),
    ...tags,
  );
};

registry.GrokRunState = ({ data }) =>
  make(
    "span",
    { className: `state state-${data.state}`, title: data.problem || data.message || "" },
    data.state,
  );

registry.GrokProgress = ({ data }) => {
  const share = Math.min(1, data.epochs ? data.step / data.epochs : 0);
  const text = data.epochs ? formatEpoch(data.step) : "–";
  return make(
    "span",
    { className: "progress-cell", title: `${data.step} of ${data.epochs} epochs` },
    make(
      "span",
      { className: "progress-line" },
      make("span", { style: { width: `${100 * share}%` } }),
    ),
    make("span", {}, text),
  );
};

registry.GrokPercent = ({ value }) => make("span", {}, formatPercent(value));
registry.GrokBytes = ({ value }) => make("span", {}, formatBytes(value));
registry.GrokAge = ({ value }) =>
  make("span", { title: value ? new Date(1000 * value).toLocaleString() : "" }, formatAge(value));

registry.GrokInterval = ({ data }) =>
  make(
    "span",
    { className: data.grok_end === null ? "quiet" : "", title: data.grok_hint },
    data.grok_text || "–",
  );

registry.GrokSparkline = ({ value }) => {
  /** @type {number[]} */
  const points = (value || []).filter((/** @type {number | null} */ one) => one !== null);
  if (points.length < 2) return make("span", {}, "");
  const path = points
    .map(
      (one, i) =>
        `${i ? "L" : "M"}${((100 * i) / (points.length - 1)).toFixed(1)} ${(22 - 20 * clamp(one, 0, 1)).toFixed(1)}`,
    )
    .join("");
  return make(
    "svg",
    {
      viewBox: "0 0 100 24",
      className: "sparkline",
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": "test accuracy over training",
    },
    make("path", { d: path, fill: "none", vectorEffect: "non-scaling-stroke" }),
  );
};

registry.GrokRunMenu = ({ data }) =>
  make("button", {
    type: "button",
    className: "tool tool-icon",
    "data-icon": "menu",
    "aria-label": isLaunch(data)
      ? `Log of ${data.id}`
      : `Stop, go on, name, note or delete ${data.title}`,
    title: isLaunch(data) ? "Log" : "Stop, go on, log, name, note, delete",
    onClick: () => (isLaunch(data) ? showLog(data) : editRun(data)),
  });

/** Tell the grid of these cells; before it is made. */
export function registerCells() {
  window.dashAgGridComponentFunctions = { ...window.dashAgGridComponentFunctions, ...registry };
}
