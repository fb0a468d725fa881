/** The loss chart above the scrub bar: a low strip needs its room for the curves. */

import { el } from "../lib/dom.js";

/** @import { StagePanel } from "./panel.js" */

/**
 * Fit the layout of a figure to where it stands; keeps what an export needs.
 * @param {Record<string, any>} layout
 * @param {HTMLElement} element the panel
 */
export function adaptLayout(layout, element) {
  if (!element.classList.contains("panel-strip") || document.fullscreenElement) return;
  layout.dragmode = false;
  layout.showlegend = false;
  const named = element.querySelector(".phase-strip");
  layout.margin = { ...layout.margin, t: named ? 25 : 6, b: 20 };
  /** @type {{ name?: string }[]} */
  const notes = layout.annotations || [];
  if (named) layout.annotations = notes.filter((note) => note.name !== "span");
  for (const name of Object.keys(layout)) {
    if (/^xaxis\d*$/.test(name)) layout[name].title = { text: "" };
  }
}

/** @type {Record<string, string>} */
const DASHES = { dash: "5 3", dot: "1.5 2", dashdot: "5 2 1.5 2" };

/** @param {{ color?: string, dash?: string }} line */
function swatch(line) {
  const svg = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(svg, "svg");
  picture.setAttribute("width", "22");
  picture.setAttribute("height", "8");
  picture.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svg, "path");
  path.setAttribute("d", "M0 4H22");
  path.setAttribute("stroke", line.color || "currentColor");
  path.setAttribute("stroke-width", "2");
  path.setAttribute("stroke-dasharray", DASHES[line.dash || ""] || "");
  picture.append(path);
  return picture;
}

/**
 * Names of the curves beside the title.
 * @param {StagePanel} panel
 */
export function showLegend({ element, picture }) {
  const { gd } = picture;
  const title = element.querySelector(".panel-head h2");
  if (!gd || !title) return;
  let box = element.querySelector(".strip-legend");
  if (!box) {
    box = el("span", { class: "strip-legend" });
    title.after(box);
  }
  const traces = gd._fullData.filter((trace) => trace.type === "scatter" && trace.name);
  box.replaceChildren(
    ...traces.map((trace) => el("span", {}, swatch(trace.line || {}), trace.name)),
  );
}
