/** The rows of a comparison: for each view the panels that the mode asks for. */

import { el } from "../lib/dom.js";
import { Panel } from "../panel/panel.js";
import { MixedPanel } from "./mixed-panel.js";

/**
 * @import { CompareView, PanelAction, ViewAbout } from "../contract.js"
 * @import { StagePanel } from "../panel/panel.js"
 * @import { Comparison } from "./comparison.js"
 * @import { Slot } from "./slot.js"
 * @import { How } from "./source.js"
 */

/**
 * @param {PanelAction} action
 * @param {string} label
 */
function button(action, label) {
  const attributes = { type: "button", "data-act": action, "aria-label": label, title: label };
  const popup = action === "menu" ? { "aria-haspopup": "menu" } : {};
  return el("button", {
    ...attributes,
    ...popup,
    "data-icon": action,
    class: "tool tool-icon",
  });
}

/** @param {Slot[]} slots */
function letters(slots) {
  return slots.map((slot) => el("span", { class: `letter letter-${slot.index}` }, slot.letter));
}

/**
 * What a panel is called beside its letters, in a row that says which view it is.
 * @param {Slot[]} slots
 * @param {How} [how]
 */
function nameIn(slots, how) {
  if (how) return how === "difference" ? "difference" : "overlaid";
  return slots[0].column.title;
}

/**
 * An empty panel; what draws in it comes later.
 * @param {Comparison} comparison
 * @param {ViewAbout} view
 * @param {Slot[]} slots
 * @param {PanelAction[]} actions
 * @param {How} [how] how it shows several runs
 */
function frame({ config }, view, slots, actions, how) {
  const minus = how === "difference";
  const name = nameIn(slots, how);
  const id = `${view.id}-${slots.map((slot) => slot.letter).join("")}${minus ? "-difference" : ""}`;
  const marks = letters(slots);
  if (minus) marks.splice(1, 0, el("span", { class: "minus" }, "−"));
  const head = el(
    "div",
    { class: "panel-head" },
    el(
      "h3",
      { id: `title-${id}` },
      ...marks,
      el("span", { class: "visually-hidden" }, `${view.title}: `),
      el("span", { class: "panel-title", title: name }, name),
    ),
    el("span", { class: "panel-epoch quiet" }),
    el("span", { class: "panel-badge", hidden: true }),
    el("span", { class: "spacer" }),
    ...actions.map((one) => button(one, config.actions[one].replace("{title}", view.title))),
  );
  const body = el(
    "div",
    { class: "panel-body" },
    el("div", { class: "panel-graph" }, el("div", { class: "plot" })),
    el("canvas", { class: "scrub", "aria-hidden": "true" }),
    el("canvas", { class: "marks", "aria-hidden": "true" }),
  );
  return el(
    "figure",
    {
      class: `panel panel-${view.kind}`,
      id: `panel-${id}`,
      tabindex: "0",
      "data-view": view.id,
      "data-epoch": "",
      "data-letters": slots.map((slot) => slot.letter).join(""),
      "aria-labelledby": `title-${id}`,
      "aria-describedby": `sentence-${id}`,
    },
    head,
    body,
    el("figcaption", { id: `sentence-${id}` }),
  );
}

/**
 * @param {Comparison} comparison
 * @param {Slot} slot
 * @param {ViewAbout} view
 */
function column(comparison, slot, view) {
  const element = frame(comparison, view, [slot], ["help", "full", "menu"]);
  const title = `${slot.letter} (${slot.column.title}) · ${view.title}`;
  const panel = new Panel(comparison.stage, slot, element, { title });
  slot.users.push(panel);
  return panel;
}

/**
 * @param {Comparison} comparison
 * @param {Slot[]} slots
 * @param {ViewAbout} view
 * @param {How} how
 */
function mixed(comparison, slots, view, how) {
  const element = frame(comparison, view, slots, ["help", "full", "menu"], how);
  const names = slots.map((slot) => slot.letter).join(how === "difference" ? " − " : ", ");
  return new MixedPanel(comparison, element, slots, how, `${names} · ${view.title}`);
}

/**
 * Why this row cannot be shown as asked; empty if it can.
 * @param {Comparison} comparison
 * @param {CompareView} choice
 */
function refusal({ mode, slots }, choice) {
  if (mode === "side") return "";
  if (slots.length < 2) return "One run alone has nothing to be compared with.";
  return (mode === "overlay" ? choice.overlay : choice.difference) || "";
}

/**
 * @param {Comparison} comparison
 * @param {ViewAbout} view
 * @param {string} why
 * @returns {StagePanel[]}
 */
function panelsOf(comparison, view, why) {
  const { slots, mode } = comparison;
  const alone = (/** @type {Slot} */ slot) => column(comparison, slot, view);
  if (mode === "side" || why) return slots.map(alone);
  if (mode === "overlay") return [mixed(comparison, slots, view, "overlay")];
  const [first, ...others] = slots;
  const rest = others.map((slot) => mixed(comparison, [first, slot], view, "difference"));
  return slots.length === 2 ? [...slots.map(alone), ...rest] : [alone(first), ...rest];
}

/**
 * Build the row of one view; gives the panels made.
 * @param {Comparison} comparison
 * @param {HTMLElement} box
 * @param {string} id of the view
 */
export function buildRow(comparison, box, id) {
  const choice = comparison.config.views.find((one) => one.id === id);
  const view = comparison.manifest.views[id];
  if (!choice || !view) return [];
  const why = refusal(comparison, choice);
  const panels = panelsOf(comparison, view, why);
  const row = el("div", { class: "compare-row", "data-view": id });
  box.append(el("h2", { class: "compare-row-title", title: view.question }, view.title));
  row.style.setProperty("--columns", String(panels.length > 4 ? 3 : panels.length));
  row.append(...panels.map((panel) => panel.element));
  if (why) box.append(el("p", { class: "compare-note" }, why));
  box.append(row);
  return panels;
}
