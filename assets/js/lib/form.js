/** Forms that the server judges while they are filled: fields, what is wrong, asking. */

import { el, setText } from "./dom.js";

/**
 * @import { FormField } from "../contract.js"
 *
 * @typedef {HTMLInputElement | HTMLSelectElement} Input
 * @typedef {{ name: string, input: Input, error: HTMLElement, row: HTMLElement }} Row
 */

const WAIT_MS = 200;

/**
 * @param {string} id
 * @param {string[]} choices
 * @param {(value: string) => string} word
 */
export function select(id, choices, word = (value) => value) {
  const options = choices.map((value) => el("option", { value }, word(value)));
  return el("select", { id, class: "form-select" }, ...options);
}

/** @param {string} id */
export function textField(id) {
  const text = { type: "text", autocomplete: "off", spellcheck: "false" };
  return el("input", { id, class: "form-control", ...text });
}

/**
 * @param {FormField} field
 * @returns {Input}
 */
function inputOf({ name, kind, choices }) {
  const id = `start-${name}`;
  if (kind === "boolean") {
    return select(id, ["true", "false"], (value) => (value === "true" ? "yes" : "no"));
  }
  if (choices) return select(id, choices);
  const field = textField(id);
  field.inputMode = "decimal";
  return field;
}

/**
 * A field of the configuration.
 * @param {FormField} field
 */
export const rowOf = (field) =>
  row(field.name, field.label, inputOf(field), [field.help, limitsOf(field)]);

/**
 * What a field may be, in words.
 * @param {FormField} field
 */
export const limitsOf = ({ range, unit }) => [range, unit].filter(Boolean).join(" ");

/**
 * @param {string} name
 * @param {string} words
 * @param {Input} input
 * @param {string[]} about
 * @returns {Row}
 */
export function row(name, words, input, about) {
  const error = errorOf(`start-error-${name}`);
  const text = el("div", { class: "form-text", id: `start-help-${name}` });
  setText(text, about.filter(Boolean).join("; "));
  input.setAttribute("aria-describedby", `${text.id} ${error.id}`);
  const label = el("label", { for: input.id }, words);
  return { name, input, error, row: el("div", { class: "start-row" }, label, input, text, error) };
}

/** @param {string} id */
export const errorOf = (id) => el("div", { class: "invalid-feedback", id, role: "alert" });

/** @param {string} text */
export const problem = (text) => el("p", { class: "broken", role: "alert" }, text);

/**
 * Say beside each field what is wrong with it; give the names that no field has.
 * @param {{ name: string, input: Input, error: HTMLElement }[]} rows
 * @param {Record<string, string>} errors
 */
export function mark(rows, errors) {
  for (const { name, input, error } of rows) {
    const wrong = errors[name] || "";
    setText(error, wrong);
    input.classList.toggle("is-invalid", Boolean(wrong));
    input.setAttribute("aria-invalid", String(Boolean(wrong)));
  }
  const known = new Set(rows.map(({ name }) => name));
  return Object.keys(errors).filter((name) => !known.has(name));
}

/**
 * Asks a moment after each change; of several answers the newest question's is shown.
 * @template Answer
 */
export class Checks {
  asked = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer = undefined;

  /**
   * @param {() => string} question
   * @param {(question: string) => Promise<Answer>} ask
   * @param {(answer: Answer) => void} show
   */
  constructor(question, ask, show) {
    this.question = question;
    this.ask = ask;
    this.show = show;
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), WAIT_MS);
  }

  async now() {
    clearTimeout(this.timer);
    const asked = this.question();
    this.asked = asked;
    const answer = await this.ask(asked);
    if (asked === this.asked) this.show(answer);
  }
}
