/** The form that starts a run, built from the fields that the server describes. */

import { queryString } from "../lib/address.js";
import { openDialog } from "../lib/dialog.js";
import { byId, closest, el, setAttribute, setText } from "../lib/dom.js";
import { appUrl, getJson, messageOf } from "../lib/net.js";
import { formatEpoch } from "../lib/numbers.js";
import { notify, notifyError } from "../lib/toast.js";
import { LAUNCHED, postStart, showLog } from "./trainers.js";

/**
 * @import { Existing, Form, FormErrors, FormField, FormVerdict } from "../contract.js"
 * @typedef {HTMLInputElement | HTMLSelectElement} Field
 */

const WAIT_MS = 200;

/**
 * @param {FormField} field
 * @returns {Field}
 */
function input(field) {
  const attributes = {
    id: `start-${field.name}`,
    name: field.name,
    class: "field wide",
    "aria-describedby": `start-help-${field.name} start-error-${field.name}`,
  };
  const choices = field.kind === "boolean" ? ["true", "false"] : field.choices;
  if (!choices) {
    return el("input", {
      ...attributes,
      type: "text",
      inputmode: "decimal",
      autocomplete: "off",
      spellcheck: "false",
    });
  }
  /** @type {Record<string, string>} */
  const words = field.kind === "boolean" ? { true: "yes", false: "no" } : {};
  return el(
    "select",
    attributes,
    ...choices.map((one) => el("option", { value: one }, words[one] || one)),
  );
}

/** @param {FormField} field */
function row(field) {
  const about = [field.help, field.range, field.unit && `in ${field.unit}`]
    .filter(Boolean)
    .join("; ");
  return el(
    "div",
    { class: "start-row" },
    el("label", { for: `start-${field.name}` }, field.name.replaceAll("_", " ")),
    input(field),
    el("p", { class: "quiet start-help", id: `start-help-${field.name}` }, about),
    el("p", { class: "broken start-error", id: `start-error-${field.name}`, role: "alert" }),
  );
}

class RunForm {
  /** @type {Set<string>} names of fields */
  touched = new Set();
  /** What was asked of the server last. */
  asked = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer = undefined;

  /** @param {Form} about */
  constructor(about) {
    this.presets = about.presets;
    const preset = el("select", { id: "start-preset", class: "field wide" });
    preset.append(...Object.keys(about.presets).map((one) => el("option", { value: one }, one)));
    this.preset = preset;
    const rows = (/** @type {boolean} */ common) =>
      about.fields.filter((one) => one.common === common).map(row);
    this.rest = el(
      "details",
      { class: "start-rest" },
      el("summary", {}, "All fields"),
      ...rows(false),
    );
    this.verdict = el("div", { class: "start-verdict", "aria-live": "polite" });
    this.start = el(
      "button",
      { type: "submit", class: "tool primary", id: "start-button" },
      "Start",
    );
    this.form = el(
      "form",
      { class: "start-form", novalidate: true },
      el("div", { class: "start-row" }, el("label", { for: "start-preset" }, "preset"), preset),
      ...rows(true),
      this.rest,
      el("div", { class: "start-foot" }, this.verdict, this.start),
    );
    this.fields = about.fields.map(
      ({ name }) => /** @type {Field} */ (this.form.elements.namedItem(name)),
    );
    this.fill(this.presets[preset.value]);
    preset.addEventListener("change", () => {
      this.fill(this.presets[preset.value]);
      this.check();
    });
    this.form.addEventListener("input", ({ target }) => this.typed(/** @type {Field} */ (target)));
  }

  /**
   * Set what nobody has touched.
   * @param {Record<string, string>} values
   */
  fill(values) {
    for (const field of this.fields)
      if (!this.touched.has(field.name)) field.value = values[field.name];
  }

  /** @param {Field} field */
  typed(field) {
    if (field === this.preset) return;
    this.touched.add(field.name);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), WAIT_MS);
  }

  /** What differs from the preset, as text: the server reads it as it reads a file. */
  get values() {
    const base = this.presets[this.preset.value];
    const changed = this.fields.filter(
      (one) => this.touched.has(one.name) && one.value.trim() !== base[one.name],
    );
    return Object.fromEntries(changed.map((one) => [one.name, one.value.trim()]));
  }

  async check() {
    clearTimeout(this.timer);
    const asked = `${queryString({ preset: this.preset.value })}&${new URLSearchParams(this.values)}`;
    this.asked = asked;
    /** @type {FormVerdict | FormErrors} */
    let answer;
    try {
      answer = await getJson(`/api/form/check?${asked}`, { cache: "no-store" });
    } catch (error) {
      answer = { errors: { "": messageOf(error) } };
    }
    if (asked === this.asked) this.show(answer);
  }

  /** @param {FormVerdict | FormErrors} answer */
  show(answer) {
    const { errors } = answer;
    const known = new Set(this.fields.map((one) => one.name));
    for (const field of this.fields) {
      setText(byId(`start-error-${field.name}`), errors[field.name] || "");
      setAttribute(field, "aria-invalid", String(Boolean(errors[field.name])));
      if (errors[field.name] && this.rest.contains(field)) this.rest.open = true;
    }
    const other = Object.keys(errors).filter((name) => !known.has(name));
    this.verdict.replaceChildren(
      ...other.map((name) => el("p", { class: "broken" }, errors[name])),
    );
    const verdict = "run" in answer ? answer : null;
    const blocked = verdict && (verdict.room || (verdict.exists && !canGoOn(verdict.exists)));
    this.start.disabled = Object.keys(errors).length > 0 || Boolean(blocked);
    delete this.start.dataset.sure;
    setText(this.start, verdict?.exists ? "Go on" : "Start");
    if (verdict?.run) this.forecast(verdict);
  }

  /** @param {FormVerdict} verdict */
  forecast({ run, values, forecast, room, exists, command }) {
    this.fill(values);
    this.verdict.append(
      el("p", {}, el("code", { id: "start-run" }, run)),
      exists ? existing(run, exists) : el("p", { class: "quiet" }, forecast),
    );
    if (room) this.verdict.append(el("p", { class: "broken" }, room));
    this.verdict.append(
      el("details", {}, el("summary", { class: "quiet" }, "As a command"), el("pre", {}, command)),
    );
  }

  /** @param {() => void} started called once the run has been started */
  async submit(started) {
    if (this.start.disabled) return;
    this.start.disabled = true;
    try {
      const body = { preset: this.preset.value, fields: this.values };
      const { run } = await postStart("/api/train", body, this.start);
      started();
      document.dispatchEvent(new CustomEvent(LAUNCHED));
      showLog({ id: run });
    } catch (error) {
      notifyError(error);
      this.verdict.append(el("p", { class: "broken", role: "alert" }, messageOf(error)));
    }
    this.start.disabled = false;
  }
}

/** @param {Existing} run */
const canGoOn = ({ state }) => state === "interrupted";

/**
 * @param {string} run
 * @param {Existing} exists
 */
function existing(run, exists) {
  const href = appUrl(`/run/${encodeURIComponent(run)}`);
  const words = canGoOn(exists)
    ? `This run exists: interrupted at epoch ${formatEpoch(exists.step)} of ${formatEpoch(exists.epochs)}. Go on, or `
    : `This run exists: ${exists.state}. Change a field, for example the seed, or `;
  return el("p", { id: "start-exists" }, words, el("a", { href }, "open it"), ".");
}

/** Ask the server for the fields and open the form. */
export async function openRunForm() {
  /** @type {Form} */
  let about;
  try {
    about = await getJson("/api/form");
  } catch (error) {
    notifyError(error);
    return;
  }
  if (about.why_not) {
    notify(about.why_not, "problem");
    return;
  }
  const form = new RunForm(about);
  const dialog = openDialog("Train a run", form.form);
  form.form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.submit(() => dialog.close());
  });
  form.check();
  form.fields[0].focus();
}

/** Listen to the buttons that open the form; once. */
export function listenToNewRun() {
  document.addEventListener("click", (event) => {
    if (closest(event.target, "[data-new-run]")) openRunForm();
  });
}
