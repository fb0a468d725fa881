/** The form that starts a run, built from the fields that the server describes. */

import { runAddress } from "../lib/address.js";
import { closeDialog, openDialog } from "../lib/dialog.js";
import { closest, el, setText } from "../lib/dom.js";
import { Checks, mark, problem, rowOf, select } from "../lib/form.js";
import { follow } from "../lib/navigation.js";
import { appUrl, getJson, messageOf } from "../lib/net.js";
import { formatEpoch } from "../lib/numbers.js";
import { postStart } from "../lib/process-log.js";
import { notify, notifyError } from "../lib/toast.js";
import { tellChanged } from "./changed.js";
import { showLog } from "./trainers.js";

/** @import { Existing, Form, FormErrors, FormVerdict } from "../contract.js" */

/**
 * @param {FormVerdict & { exists: Existing }} verdict
 * @param {(seed: number) => void} takeSeed
 */
function existing({ run, exists: { state, label, step, epochs, free_seed } }, takeSeed) {
  const href = appUrl(runAddress(run));
  const open = el("a", { href }, "open it");
  open.addEventListener("click", (event) => {
    if (follow(event, href)) closeDialog();
  });
  const seed = el("button", { type: "button", class: "tool framed" }, `Take seed ${free_seed}`);
  seed.addEventListener("click", () => takeSeed(free_seed));
  const stands = `${label} at epoch ${formatEpoch(step)} of ${formatEpoch(epochs)}`;
  const over = state === "interrupted" ? `${stands}. Go on` : `${label}. Change a field`;
  const words = ["This run exists: ", over, ", or ", open, ". "];
  return el("p", { id: "start-exists" }, ...words, state === "interrupted" ? null : seed);
}

/** @param {FormVerdict} verdict */
function costs({ duration, basis, size }) {
  return [
    el("p", { id: "start-duration" }, el("strong", {}, `Takes ${duration}`), `, ${basis}.`),
    el("p", { class: "quiet" }, size),
  ];
}

/**
 * @param {FormVerdict} verdict
 * @param {(seed: number) => void} takeSeed
 */
function verdictParts(verdict, takeSeed) {
  const { run, room, exists } = verdict;
  return [
    el("p", {}, el("code", { id: "start-run" }, run)),
    ...(exists ? [existing({ ...verdict, exists }, takeSeed)] : costs(verdict)),
    room ? problem(room) : null,
    asCommand(verdict),
  ].filter((part) => part !== null);
}

/**
 * What to type instead; for a finished run what trains it further.
 * @param {FormVerdict} verdict
 */
function asCommand({ run, exists, command }) {
  const over = exists?.state === "finished";
  const further = `grokdash train --resume ${run} --epochs ${2 * (exists?.epochs || 0)}`;
  const summary = over ? "Train it further, as a command" : "As a command";
  return el(
    "details",
    {},
    el("summary", { class: "quiet" }, summary),
    el("pre", {}, over ? further : command),
  );
}

class RunForm {
  /** @type {Set<string>} names of the fields that were typed into */
  touched = new Set();
  checks = new Checks(
    () => this.query,
    (query) => this.ask(query),
    (answer) => this.show(answer),
  );
  verdict = el("div", { class: "start-verdict", "aria-live": "polite" });
  start = el("button", { type: "submit", class: "tool primary", id: "start-button" }, "Start");

  /** @param {Form} about */
  constructor({ presets, about, fields }) {
    this.presets = presets;
    this.preset = select("start-preset", Object.keys(presets), (name) => about[name]);
    this.rows = fields.map(rowOf);
    const rows = (/** @type {boolean} */ common) =>
      this.rows.filter((_row, i) => fields[i].common === common).map(({ row }) => row);
    this.rest = el(
      "details",
      { class: "start-rest" },
      el("summary", {}, "All fields"),
      ...rows(false),
    );
    this.form = el(
      "form",
      { class: "start-form", novalidate: true },
      el(
        "div",
        { class: "start-row start-whole" },
        el("label", { for: "start-preset" }, "start from"),
        this.preset,
      ),
      ...rows(true),
      this.rest,
      el("div", { class: "start-foot" }, this.verdict, this.start),
    );
    this.rows[0].input.dataset.focus = "";
    this.choosePreset();
    this.listen();
  }

  listen() {
    this.preset.addEventListener("change", () => this.choosePreset());
    for (const { name, input } of this.rows) {
      input.addEventListener("input", () => {
        this.touched.add(name);
        this.checks.soon();
      });
    }
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
  }

  choosePreset() {
    this.fill(this.presets[this.preset.value]);
    this.checks.now();
  }

  /**
   * Set what nobody has touched.
   * @param {Record<string, string>} values
   */
  fill(values) {
    for (const { name, input } of this.rows) {
      if (!this.touched.has(name)) input.value = values[name];
    }
  }

  /**
   * Put another seed in, as if it had been typed.
   * @param {number} seed
   */
  take(seed) {
    const input = this.rows.find(({ name }) => name === "seed")?.input;
    if (!input) return;
    input.value = String(seed);
    input.dispatchEvent(new Event("input"));
  }

  /** What differs from the preset, as text: the server reads it as it reads a file. */
  get values() {
    const base = this.presets[this.preset.value];
    const typed = this.rows.map(({ name, input }) => [name, input.value.trim()]);
    return Object.fromEntries(
      typed.filter(([name, value]) => this.touched.has(name) && value !== base[name]),
    );
  }

  get query() {
    return new URLSearchParams({ preset: this.preset.value, ...this.values }).toString();
  }

  /**
   * @param {string} query
   * @returns {Promise<FormErrors | FormVerdict>}
   */
  async ask(query) {
    try {
      return await getJson(`/api/form/check?${query}`, { cache: "no-store" });
    } catch (error) {
      return { errors: { "": messageOf(error) } };
    }
  }

  /** @param {FormErrors | FormVerdict} answer */
  show(answer) {
    const { errors } = answer;
    const others = mark(this.rows, errors);
    this.rest.open ||= this.rows.some(({ name, row }) => errors[name] && this.rest.contains(row));
    delete this.start.dataset.sure;
    if ("run" in answer) {
      this.allow(answer);
      this.fill(answer.values);
      this.verdict.replaceChildren(...verdictParts(answer, (seed) => this.take(seed)));
    } else {
      this.start.disabled = true;
      setText(this.start, "Start");
      this.verdict.replaceChildren(...others.map((name) => problem(errors[name])));
    }
  }

  /** @param {FormVerdict} verdict */
  allow({ room, exists }) {
    this.start.disabled = Boolean(room) || (exists !== null && exists.state !== "interrupted");
    setText(this.start, exists?.state === "interrupted" ? "Go on" : "Start");
  }

  async submit() {
    if (this.start.disabled) return;
    this.start.disabled = true;
    try {
      const body = { preset: this.preset.value, fields: this.values };
      const { run } = await postStart("/api/train", body, this.start);
      tellChanged();
      showLog(run);
    } catch (error) {
      notifyError(error);
      this.verdict.append(problem(messageOf(error)));
    }
    this.start.disabled = false;
  }
}

/** Ask the server for the fields and open the form. */
async function openRunForm() {
  try {
    const about = await getJson("/api/form");
    if (about.why_not) notify(about.why_not, "problem");
    else openDialog("Train a run", { content: [new RunForm(about).form] });
  } catch (error) {
    notifyError(error);
  }
}

/** Listen to the buttons that open the form; once. */
export function listenToNewRun() {
  document.addEventListener("click", (event) => {
    if (closest(event.target, "[data-new-run]")) openRunForm();
  });
}
