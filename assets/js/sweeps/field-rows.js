/** Rows of a sweep's form, each a field of the configuration and what it is to be. */

import { el, setText } from "../lib/dom.js";
import { errorOf, limitsOf, select, textField } from "../lib/form.js";

/**
 * @import { FormField } from "../contract.js"
 * @import { Input } from "../lib/form.js"
 *
 * @typedef {object} FieldRow
 * @property {string} name key of the form
 * @property {HTMLSelectElement} field
 * @property {Input} input
 * @property {HTMLElement} error
 * @property {HTMLElement} row
 */

export class FieldRows {
  /** @type {FieldRow[]} */
  rows = [];
  list = el("div");
  /** Called when there are more rows or fewer. */
  onCount = () => {};

  /**
   * @param {"vary" | "set"} kind how its keys begin
   * @param {string} heading
   * @param {FormField[]} fields
   * @param {string} wanted what is to be typed
   */
  constructor(kind, heading, fields, wanted) {
    this.kind = kind;
    this.fields = new Map(fields.map((one) => [one.name, one]));
    this.wanted = wanted;
    const add = el("button", { type: "button", class: "tool framed" }, "Add a field");
    add.addEventListener("click", () => this.add(this.unused()));
    this.box = el("fieldset", { class: "field-rows" }, el("legend", {}, heading), this.list, add);
  }

  /** The first field that has no row. */
  unused() {
    const taken = new Set(this.rows.map(({ field }) => field.value));
    return [...this.fields.keys()].find((name) => !taken.has(name)) || "";
  }

  /**
   * @param {string} name of a field
   * @param {string} [typed]
   */
  add(name, typed = "") {
    const id = `sweep-${this.kind}-${name}-${this.rows.length}`;
    const labels = (/** @type {string} */ one) => this.fields.get(one)?.label || one;
    const field = select(`${id}-field`, [...this.fields.keys()], labels);
    field.value = name;
    field.setAttribute("aria-label", "Field");
    const input = textField(id);
    input.placeholder = this.wanted;
    input.value = typed;
    const error = errorOf(`${id}-error`);
    const help = el("div", { class: "form-text", id: `${id}-help` });
    input.setAttribute("aria-describedby", `${help.id} ${error.id}`);
    const drop = el("button", { type: "button", class: "tool tool-icon", "data-icon": "close" });
    const row = el("div", { class: "field-row" }, field, input, drop, help, error);
    const made = { name: "", field, input, error, row };
    const tell = () => {
      const about = this.fields.get(field.value);
      made.name = `${this.kind}.${field.value}`;
      const told = about && [about.help, about.choices?.join(", ") || limitsOf(about)];
      setText(help, told ? told.filter(Boolean).join("; ") : "");
      input.setAttribute("aria-label", `${about?.label}: ${this.wanted}`);
      drop.setAttribute("aria-label", `Without ${about?.label}`);
    };
    field.addEventListener("input", tell);
    drop.addEventListener("click", () => this.drop(made));
    tell();
    this.rows.push(made);
    this.list.append(row);
    this.changed();
  }

  /** @param {FieldRow} row */
  drop(row) {
    this.rows = this.rows.filter((one) => one !== row);
    row.row.remove();
    this.changed();
  }

  changed() {
    this.onCount();
    this.box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** What is typed, by the keys of the form. */
  values() {
    return Object.fromEntries(this.rows.map(({ name, input }) => [name, input.value]));
  }
}
