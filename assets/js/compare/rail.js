/** Controls of the Compare page: runs, alignment, mode, views, what all runs share. */

import { queryString } from "../lib/address.js";
import { byId, el } from "../lib/dom.js";
import { follow, navigate } from "../lib/navigation.js";
import { appUrl } from "../lib/net.js";
import { readEpoch } from "../lib/numbers.js";
import { notifyError } from "../lib/toast.js";
import { usedNames } from "../player/uses.js";
import { nameOf, namesOf } from "./names.js";

/**
 * @import { Control } from "../contract.js"
 * @import { Comparison } from "./comparison.js"
 * @import { Slot } from "./slot.js"
 */

/**
 * Open the same page with other runs; everything else stays.
 * @param {Comparison} comparison
 * @param {string[]} names
 */
function reopen(comparison, names) {
  const { at, ...state } = comparison.stage.state();
  const same = names.length && comparison.align === "epoch";
  const query = queryString({ ...state, runs: names.join(","), at: same ? at : "" });
  navigate(appUrl(`/compare?${query}`));
}

/**
 * @param {Comparison} comparison
 * @param {Slot} slot
 */
function runRow(comparison, slot) {
  const { column, index, letter } = slot;
  const names = () => comparison.config.columns.map(nameOf);
  const pin = el("input", {
    type: "text",
    inputmode: "numeric",
    class: "field pin",
    placeholder: "moves",
    "aria-label": `Epoch at which ${letter} stays; empty moves along`,
    title: "Epoch at which this column stays; empty: it moves along",
    onchange: () => {
      const pinned = nameOf({ run: column.run, pin: readEpoch(pin.value) });
      reopen(comparison, names().with(index, pinned));
    },
  });
  pin.value = String(column.pin ?? "");
  const drop = el("button", {
    type: "button",
    class: "tool tool-icon",
    "data-icon": "close",
    "aria-label": `Leave ${letter} out`,
    title: `Leave ${letter} out`,
    onclick: () => reopen(comparison, names().toSpliced(index, 1)),
  });
  const href = comparison.source.address(column.run);
  const link = el("a", { title: `${column.about} (${column.run})` }, column.title);
  if (href) link.href = href;
  const mark = el("span", { class: `letter letter-${index}` }, letter);
  if (!comparison.source.open) return el("div", { class: "compare-run" }, mark, link);
  link.addEventListener("click", (event) => {
    const e = slot.stepAt(comparison.stage.playhead.kept);
    follow(event, `${href}?${queryString({ e, ...comparison.shared })}`);
  });
  return el("div", { class: "compare-run" }, mark, link, pin, drop);
}

/** @param {Comparison} comparison */
function adder(comparison) {
  const { columns, runs, most } = comparison.config;
  if (columns.length >= most || !comparison.source.open) return null;
  const field = el(
    "select",
    {
      class: "field wide",
      "aria-label": "Add a run",
      onchange: () =>
        field.value && reopen(comparison, [...columns.map(nameOf), namesOf([field.value])]),
    },
    el("option", { value: "" }, "add a run …"),
    ...runs.map((run) => el("option", { value: run.id }, run.title)),
  );
  return field;
}

/**
 * @param {string} label
 * @param {Record<string, string>} words by what they stand for
 * @param {string} value
 * @param {(value: string) => void} change
 */
function chooser(label, words, value, change) {
  const id = `compare-${label.split(" ")[0]}`;
  const field = el(
    "select",
    { class: "field", id, onchange: () => change(field.value) },
    ...Object.entries(words).map(([one, text]) => el("option", { value: one }, text)),
  );
  field.value = value;
  const row = el("label", { class: "choice", for: id }, el("span", {}, label), field);
  return { row, field };
}

/**
 * @param {Comparison} comparison
 * @param {() => void} changed
 */
function showViews(comparison, changed) {
  const box = byId("compare-views");
  if (!box) return;
  const boxes = comparison.config.views.map(({ id, subject, title }) => {
    const input = el("input", {
      type: "checkbox",
      value: id,
      checked: comparison.chosen.includes(id),
    });
    input.addEventListener("change", () => {
      comparison.setViews(boxes.filter((one) => one.input.checked).map((one) => one.input.value));
      changed();
    });
    return { subject, input, label: el("label", {}, input, title) };
  });
  const subjects = [...new Set(boxes.map((one) => one.subject))];
  const groups = subjects.map((subject) => {
    const labels = boxes.filter((one) => one.subject === subject).map((one) => one.label);
    return el("fieldset", {}, el("legend", {}, subject), ...labels);
  });
  box.replaceChildren(...groups);
}

/**
 * A number or a word that all runs share; empty leaves each run its own.
 * @param {Comparison} comparison
 * @param {Control} control
 */
function sharedRow(comparison, { name, label, choices }) {
  const limits = comparison.slots[0].reader.limitsOf(name);
  if (limits ? limits[0] === limits[1] : !choices.length) return null;
  const id = `select-${name}`;
  const highest = comparison.slots.map((slot) => slot.reader.limitsOf(name)?.[1] ?? 0);
  const options = choices.map((one) => el("option", { value: one.value }, one.label));
  const field = limits
    ? el("input", { type: "number", class: "field", id, min: limits[0], max: Math.max(...highest) })
    : el("select", { class: "field", id }, ...options);
  field.addEventListener(limits ? "input" : "change", () =>
    comparison.stage.select({ [name]: field.value || null }),
  );
  const show = () => {
    const own = comparison.slots.map((slot) => String(slot.reader.picked(name)));
    if (field instanceof HTMLSelectElement) {
      field.value = own[0];
      return;
    }
    const text = String(comparison.shared[name] ?? "");
    if (field.value !== text) field.value = text;
    field.placeholder = [...new Set(own)].join(" · ");
    field.title = `Empty: each run its own (${field.placeholder})`;
  };
  show();
  comparison.stage.on("selected", show);
  return el("label", { class: "choice", for: id }, el("span", {}, label), field);
}

/**
 * A row for everything that runs can have in common.
 * @param {Comparison} comparison
 * @returns {() => void} shows the rows that the chosen views use, and hides the others
 */
function showSelection(comparison) {
  const { controls, views } = comparison.manifest;
  const rows = controls.flatMap((control) => {
    const row = control.shared && sharedRow(comparison, control);
    return row ? [{ name: control.name, row }] : [];
  });
  byId("compare-selection")?.replaceChildren(...rows.map(({ row }) => row));
  return () => {
    const ids = [...comparison.chosen, comparison.config.chart];
    const used = usedNames(ids.flatMap((id) => views[id] || []));
    for (const { name, row } of rows) row.hidden = !used.has(name);
  };
}

/** @param {Comparison} comparison */
function showLook(comparison) {
  const { modes, aligns, ranges } = comparison.config;
  const align = chooser("align by", aligns, comparison.align, (value) =>
    comparison.setAlign(value).catch(notifyError),
  );
  comparison.stage.on("aligned", () => {
    align.field.value = comparison.align;
  });
  const mode = chooser("show", modes, comparison.mode, (value) => comparison.setMode(value));
  const range = chooser("ranges", ranges, comparison.ranges, (value) =>
    comparison.setRanges(value),
  );
  byId("compare-choices")?.replaceChildren(align.row, mode.row, range.row);
}

/**
 * Fill the rail of the Compare page.
 * @param {Comparison} comparison
 */
export function buildRail(comparison) {
  const add = adder(comparison);
  const runs = comparison.slots.map((slot) => runRow(comparison, slot));
  byId("compare-names")?.replaceChildren(...runs, ...(add ? [add] : []));
  showLook(comparison);
  const showUsed = showSelection(comparison);
  showUsed();
  showViews(comparison, showUsed);
}
