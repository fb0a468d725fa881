/** The controls in the rail: one per part of the selection that the page's views use. */

import { byId, el } from "../lib/dom.js";
import { formatEpoch, readEpoch } from "../lib/numbers.js";
import { recall, remember } from "../lib/storage.js";
import { usedNames } from "./uses.js";

/**
 * @import { Choice, Control } from "../contract.js"
 * @import { TimeAxis } from "../panel/spread.js"
 * @import { Session } from "./session.js"
 */

/** @typedef {{ field: HTMLElement, show: () => void }} Made */

/** @type {Record<TimeAxis, string>} what the loss chart and the slider may count */
const TIMELINES = { epoch: "epochs", checkpoint: "checkpoints" };

/**
 * @param {Session} session
 * @param {string} name
 * @param {[number, number]} limits
 * @returns {Made | null} null where there is nothing to choose
 */
function stepper({ manifest, reader, stage }, name, [low, high]) {
  if (low === high) return null;
  const field = el("input", {
    type: "number",
    class: "field",
    min: low,
    max: high,
    step: 1,
    id: `select-${name}`,
    onchange: () => {
      if (field.value !== "") stage.select({ [name]: field.value });
      show();
    },
    oninput: () => {
      const value = Number(field.value);
      const inside = field.value !== "" && value >= low && value <= high;
      if (inside && Number.isInteger(value)) stage.select({ [name]: value });
    },
  });
  const show = () => {
    const value = String(reader.picked(name));
    if (field.value !== value) field.value = value;
    const colour = name === "k" && manifest.key_colours[field.value];
    field.style.boxShadow = colour ? `inset 3px 0 0 ${colour}` : "";
  };
  return { field, show };
}

/**
 * A field for an epoch, written and read as everywhere: "2,500".
 * @param {Session} session
 * @param {string} name
 * @returns {Made}
 */
function epochField({ reader, stage }, name) {
  const field = el("input", {
    type: "text",
    inputmode: "numeric",
    class: "field",
    id: `select-${name}`,
    onchange: () => {
      const epoch = readEpoch(field.value);
      if (/^\d+$/.test(epoch)) stage.select({ [name]: epoch });
      show();
    },
  });
  const show = () => {
    const picked = Number(reader.picked(name));
    field.value = picked < 0 ? "" : formatEpoch(picked);
  };
  return { field, show };
}

/**
 * @param {Session} session
 * @param {string} name
 * @param {Choice[]} choices
 * @returns {Made}
 */
function chooser({ reader, stage }, name, choices) {
  const field = el(
    "select",
    {
      class: "field",
      id: `select-${name}`,
      onchange: () => stage.select({ [name]: field.value }),
    },
    ...choices.map(({ value, label }) => el("option", { value }, label)),
  );
  const show = () => {
    field.value = String(reader.picked(name));
  };
  return { field, show };
}

/**
 * @param {Session} session
 * @returns {Made}
 */
function keySet({ manifest, reader, stage }) {
  const field = el("input", {
    type: "text",
    class: "field",
    id: "select-keys",
    placeholder: manifest.keys.join(" ") || "none yet",
    title: "Frequencies kept or removed in restricted and excluded loss",
    onchange: () =>
      stage.select({
        keys: field.value
          .trim()
          .split(/[\s,;-]+/)
          .join("-"),
      }),
  });
  const show = () => {
    field.value = String(reader.picked("keys") || "").replaceAll("-", " ");
  };
  return { field, show };
}

/**
 * @param {Session} session
 * @param {Control} control
 */
function make(session, { name, choices }) {
  const limits = session.reader.limitsOf(name);
  if (name === "keys") return keySet(session);
  if (name === "ref") return epochField(session, name);
  if (limits) return stepper(session, name, limits);
  return choices.length ? chooser(session, name, choices) : null;
}

/**
 * Buttons for the key frequencies, each in its colour.
 * @param {Session} session
 */
function keyButtons({ manifest, reader, stage }) {
  const row = el("div", { class: "key-row", role: "group", "aria-label": "Key frequencies" });
  const show = () => {
    row.title = manifest.keys_final ? "Key frequencies" : "Provisional: training goes on";
    const buttons = manifest.keys.map((k) => {
      const button = el(
        "button",
        {
          type: "button",
          class: "key",
          "aria-pressed": String(reader.selection.k === k),
          "aria-label": `Frequency ${k}`,
          onclick: () => stage.select({ k }),
        },
        k,
      );
      button.style.setProperty("--key", manifest.key_colours[k] || "currentColor");
      return button;
    });
    row.replaceChildren(...buttons);
  };
  return { row, show };
}

/**
 * What the slider and the loss chart above it count, for all runs.
 * @param {Session} session
 */
function timelineChoice({ stage }) {
  const id = "choose-timeline";
  const options = Object.entries(TIMELINES).map(([value, label]) => el("option", { value }, label));
  const change = () => stage.setAxis(field.value === "checkpoint" ? "checkpoint" : "epoch");
  const field = el("select", { class: "field", id, onchange: change }, ...options);
  const row = el("label", { class: "choice", for: id }, el("span", {}, "timeline"), field);
  const show = () => {
    field.value = stage.axis;
  };
  return { row, show };
}

/**
 * Fill the rail of a run's page.
 * @param {Session} session
 */
export function showSelection(session) {
  const box = byId("selection");
  if (!box) return;
  /** @type {(() => void)[]} */
  const shows = [];
  /** @type {HTMLElement[]} */
  const rows = [];
  /** @type {HTMLElement[]} */
  const looks = [];
  const used = usedNames(session.panels.map((panel) => panel.view));
  for (const control of session.manifest.controls.filter((one) => used.has(one.name))) {
    const { name, label, look } = control;
    const made = make(session, control);
    if (!made) continue;
    shows.push(made.show);
    const words = el("span", {}, label);
    const row = el("label", { class: "choice", for: `select-${name}` }, words, made.field);
    (look ? looks : rows).push(row);
    if (name === "k") {
      const buttons = keyButtons(session);
      shows.push(buttons.show);
      rows.push(buttons.row);
    }
  }
  const timeline = timelineChoice(session);
  shows.push(timeline.show);
  looks.push(timeline.row);
  box.replaceChildren(...rows);
  if (looks.length) {
    const more = el("details", { class: "looks", open: recall("looks") === "1" });
    more.append(el("summary", {}, "Display"), ...looks);
    more.addEventListener("toggle", () => remember("looks", more.open ? "1" : "0"));
    box.append(more);
  }
  const show = () => {
    for (const one of shows) one();
  };
  show();
  session.stage.on("selected", show);
  session.stage.on("grown", show);
}
