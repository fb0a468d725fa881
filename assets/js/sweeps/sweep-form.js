/** The form that starts a sweep, a shipped one or one's own. */

import { closeDialog, openDialog } from "../lib/dialog.js";
import { el, setText } from "../lib/dom.js";
import { Checks, mark, problem, row, select, textField } from "../lib/form.js";
import { navigate } from "../lib/navigation.js";
import { appUrl, getJson, messageOf } from "../lib/net.js";
import { postStart } from "../lib/process-log.js";
import { notifyError } from "../lib/toast.js";
import { FieldRows } from "./field-rows.js";
import { verdictParts } from "./sweep-verdict.js";

/**
 * @import { Form, ShippedSweep, SweepErrors, SweepVerdict } from "../contract.js"
 * @import { Row } from "../lib/form.js"
 *
 * What a form is filled with, by the keys that the server knows.
 * @typedef {Record<string, string>} Filled
 */

/** @param {string} id of a sweep */
export const sweepHref = (id) => appUrl(`/sweeps/${encodeURIComponent(id)}`);

const SEEDS = "such as 0-4 or 0,3,7; each run of them starts from other weights and pairs";
const WORKERS = "empty: as many as there are cores";

class SweepForm {
  verdict = el("div", { class: "start-verdict", "aria-live": "polite" });
  start = el("button", { type: "submit", class: "tool primary", id: "sweep-start" }, "Start");
  checks = new Checks(
    () => new URLSearchParams(this.filled()).toString(),
    (query) => ask(query),
    (/** @type {SweepErrors | SweepVerdict} */ answer) => this.show(answer),
  );

  /**
   * @param {Node[]} parts above the verdict
   * @param {() => Filled} filled
   * @param {() => { name: string, input: Row["input"], error: HTMLElement }[]} rows
   */
  constructor(parts, filled, rows) {
    this.filled = filled;
    this.rows = rows;
    this.form = el(
      "form",
      { class: "start-form", novalidate: true },
      ...parts,
      el("div", { class: "start-foot" }, this.verdict, this.start),
    );
    this.form.addEventListener("input", () => this.checks.soon());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.checks.now();
  }

  /** @param {SweepErrors | SweepVerdict} answer */
  show(answer) {
    const others = mark(this.rows(), answer.errors);
    delete this.start.dataset.sure;
    setText(this.start, "exists" in answer && answer.exists ? "Go on" : "Start");
    if ("sweep" in answer) {
      this.start.disabled = Boolean(answer.room) || answer.driven || !answer.left;
      this.verdict.replaceChildren(...verdictParts(answer, sweepHref(answer.sweep)));
    } else {
      this.start.disabled = true;
      this.verdict.replaceChildren(...others.map((name) => problem(answer.errors[name])));
    }
  }

  async submit() {
    if (this.start.disabled) return;
    this.start.disabled = true;
    try {
      const body = { form: this.filled() };
      const { sweep } = await postStart("/api/sweeps/start", body, this.start);
      closeDialog();
      navigate(sweepHref(sweep));
    } catch (error) {
      notifyError(error);
      this.verdict.append(problem(messageOf(error)));
    }
    this.start.disabled = false;
  }
}

/**
 * @param {string} query
 * @returns {Promise<SweepErrors | SweepVerdict>}
 */
async function ask(query) {
  try {
    return await getJson(`/api/sweeps/check?${query}`, { cache: "no-store" });
  } catch (error) {
    return { errors: { "": messageOf(error) } };
  }
}

/**
 * What is filled in, without what is empty.
 * @param {Filled} values
 */
const given = (values) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== ""));

/** @param {ShippedSweep} sweep */
export function openShipped({ name, title, question }) {
  const epochs = row("epochs", "epochs", textField("sweep-epochs"), ["empty: as shipped"]);
  const seeds = row("seeds", "seeds", textField("sweep-seeds"), ["empty: as shipped", SEEDS]);
  const filled = () =>
    given({ shipped: name, epochs: epochs.input.value, seeds: seeds.input.value });
  const parts = [el("p", {}, question), epochs.row, seeds.row];
  openDialog(title, { content: [new SweepForm(parts, filled, () => [epochs, seeds]).form] });
}

/** @param {Form} about the fields of a run */
function ownSweep({ presets, about, fields }) {
  const title = row("title", "title", textField("sweep-title"), []);
  const preset = row(
    "preset",
    "start from",
    select("sweep-preset", Object.keys(presets), (name) => about[name]),
    [],
  );
  const together = row(
    "together",
    "combine",
    select("sweep-together", ["no", "yes"], (value) =>
      value === "yes" ? "values place by place" : "every value with every other",
    ),
    [],
  );
  for (const one of [title, preset, together]) one.row.classList.add("start-whole");
  const seeds = row("seeds", "seeds", textField("sweep-seeds"), [SEEDS]);
  const workers = row("workers", "runs at a time", textField("sweep-workers"), [WORKERS]);
  const vary = new FieldRows("vary", "Vary", fields, "values, separated by commas");
  const fixed = new FieldRows("set", "The same for all", fields, "value");
  vary.onCount = () => {
    together.row.hidden = vary.rows.length < 2;
  };
  vary.add("weight_decay", "0.5, 1, 2");
  seeds.input.value = "0-2";
  title.input.value = "Weight decay";
  title.input.dataset.focus = "";
  const single = [title, preset, together, seeds, workers];
  const filled = () =>
    given({
      ...Object.fromEntries(single.map(({ name, input }) => [name, input.value])),
      ...vary.values(),
      ...fixed.values(),
    });
  const parts = [title.row, preset.row, vary.box, together.row, seeds.row, fixed.box, workers.row];
  return new SweepForm(parts, filled, () => [...single, ...vary.rows, ...fixed.rows]);
}

/** Ask the server for the fields and open the form of one's own sweep. */
export async function openOwn() {
  try {
    const form = ownSweep(await getJson("/api/form"));
    openDialog("Train a sweep", { wide: true, content: [form.form] });
  } catch (error) {
    notifyError(error);
  }
}
