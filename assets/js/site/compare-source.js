/** A comparison whose runs lie in its page: it asks no server. */

import { gather, subtract } from "../compare/mixed-frames.js";
import { ServerError } from "../lib/net.js";
import { numbersOf } from "../share/numbers.js";
import { filled, putArrays } from "../share/pictures.js";
import { EmbeddedSource } from "../share/source.js";
import { boundOf, boundTo, differenceWords } from "./difference.js";
import { widen, widenAxes } from "./ranges.js";

/**
 * @import { FigureAnswer, MixedHead, SelectionValues, SiteCompare, SiteMixed } from "../contract.js"
 * @import { Asked } from "../compare/column-source.js"
 * @import { CompareSource, How, MixedWanted } from "../compare/source.js"
 * @import { Frame } from "../frames/blocks.js"
 * @import { Source } from "../frames/source.js"
 */

const NOT_THERE = 404;
/** What a choice changes of every run alike, so that none has one of its own. */
const LOOKS = new Set(["norm", "x", "y", "colour"]);

/**
 * The name of what is saved, with the epochs that are shown; what several share is said once.
 * @param {string} file the name at other epochs
 * @param {number[]} steps
 * @param {How} how
 */
export function named(file, steps, how) {
  const epochs = [...new Set(steps)].map((step) => `e${String(step).padStart(6, "0")}`);
  const start = file.slice(0, file.lastIndexOf("__") + "__".length);
  return start + epochs.join(how === "difference" ? "-minus-" : "-vs-");
}

/** A run among others: its figures may have the ranges of all. */
class Column extends EmbeddedSource {
  /**
   * @param {SiteCompareSource} among
   * @param {number} index
   * @param {Asked} asked
   */
  constructor(among, index, asked) {
    super(among.page.heads[index]);
    this.among = among;
    this.index = index;
    this.asked = asked;
  }

  /**
   * @override
   * @type {Source["figure"]}
   */
  async figure(view, wanted, signal) {
    const own = await super.figure(view, wanted, signal);
    const { ranges, e } = this.asked(wanted.step);
    if (ranges === "shared") widen(own, await this.#beside(view, wanted.theme, String(e), signal));
    return own;
  }

  /**
   * The figures of the others where they are.
   * @param {string} view
   * @param {string} theme
   * @param {string} epochs
   * @param {AbortSignal} signal
   */
  #beside(view, theme, epochs, signal) {
    const steps = epochs.split(",").map(Number);
    const { columns } = this.among;
    const others = columns.filter((one) => one !== this);
    return Promise.all(others.map((one) => one.alone(view, theme, steps[one.index], signal)));
  }

  /**
   * Its figure in its own ranges.
   * @param {string} view
   * @param {string} theme
   * @param {number} step
   * @param {AbortSignal} signal
   */
  alone(view, theme, step, signal) {
    const wanted = { fingerprint: "", step, theme, selection: this.picked(), have: null };
    return super.figure(view, wanted, signal);
  }

  /** What is picked of it: its own choice, changed where all runs share one. */
  picked() {
    const { step, runs, align, ranges, place, e, ...shared } = /** @type {any} */ (this.asked(0));
    return /** @type {SelectionValues} */ (this.choose(shared));
  }

  /** @param {Record<string, unknown>} shared */
  choose(shared) {
    const own = { ...this.head.manifest.selection };
    for (const [name, value] of Object.entries(shared)) {
      if (!(name in own)) continue;
      const kind = typeof (/** @type {any} */ (own)[name]);
      Object.assign(own, { [name]: kind === "number" ? Number(value) : value });
    }
    return own;
  }

  /**
   * What a picture of several runs takes of this one.
   * @param {string} view
   * @param {number} step
   * @param {Record<string, unknown>} shared
   */
  async part(view, step, shared) {
    const selection = this.choose(shared);
    const frame = await this.numbers(this.view(view), step, selection, true);
    if (frame) return frame;
    throw new ServerError(`Epoch ${step} is not in this file.`, NOT_THERE);
  }
}

/** @implements {CompareSource} */
export class SiteCompareSource {
  open = false;
  /** @type {Column[]} */
  columns = [];

  /** @param {SiteCompare} page */
  constructor(page) {
    this.page = page;
  }

  /** @type {CompareSource["address"]} */
  address(run) {
    return this.page.addresses[run] || "";
  }

  /** @type {CompareSource["column"]} */
  column(index, _run, asked) {
    this.columns[index] = new Column(this, index, asked);
    return this.columns[index];
  }

  /** @type {CompareSource["timeline"]} */
  timeline(align) {
    return Promise.resolve(structuredClone(this.page.timelines[align]));
  }

  /**
   * @param {How} how
   * @param {string} view
   * @param {MixedWanted} wanted
   * @returns {SiteMixed}
   */
  #known(how, view, { pair }) {
    const known = this.page.mixed[`${how}|${view}|${pair.join()}`];
    if (known) return known;
    throw new ServerError("This picture of several runs is not in this file.", NOT_THERE);
  }

  /**
   * The frames of the columns, in their order.
   * @param {string} view
   * @param {MixedWanted} wanted
   */
  #parts(view, { pair, steps, shared }) {
    return Promise.all(pair.map((index, i) => this.columns[index].part(view, steps[i], shared)));
  }

  /** @type {CompareSource["words"]} */
  async words(how, view, wanted) {
    const known = this.#known(how, view, wanted);
    if (known.missing) return { missing: known.missing };
    return this.#head(how, known, wanted, await this.#parts(view, wanted));
  }

  /**
   * @param {How} how
   * @param {SiteMixed} known
   * @param {MixedWanted} wanted
   * @param {Frame[]} frames
   * @returns {MixedHead}
   */
  #head(how, { head, offsets }, { align, pair, steps, shared }, frames) {
    if (!head) throw new ServerError("This file is damaged: get it again.", NOT_THERE);
    const { columns } = this.page.config;
    const letters = pair.map((index) => columns[index].letter);
    const sides = frames.map((frame, i) => ({ letter: letters[i], frame }));
    const said = sides.map(({ letter, frame }) => `${letter}: ${frame.sentence}`);
    const titles = pair.map(
      (index, i) =>
        `${letters[i]}: ${columns[index].title}, epoch ${steps[i].toLocaleString("en")}`,
    );
    const runs = head.origin.runs.map((run, i) => ({
      ...run,
      epoch: steps[i],
      selection: this.columns[pair[i]].choose(shared),
    }));
    const origin = { ...head.origin, runs, align, permalink: window.location.search };
    return {
      ...head,
      file: named(head.file, steps, how),
      sentence: how === "difference" ? differenceWords(sides) : said.join(" "),
      offsets,
      steps,
      runs: titles.join("; "),
      origin: /** @type {any} */ (origin),
    };
  }

  /** @type {CompareSource["mixed"]} */
  async mixed(how, view, wanted, signal) {
    const known = this.#known(how, view, wanted);
    if (known.missing) return { missing: known.missing };
    const frames = await this.#parts(view, wanted);
    const figure = this.#figure(known, wanted);
    const perEpoch = this.columns[wanted.pair[0]].choose(wanted.shared).norm === "epoch";
    if (how === "difference") {
      const arrays = subtract(frames[0], frames[1]);
      if (!arrays) return { missing: "The two have different sizes: nothing is subtracted." };
      putArrays(figure, arrays);
      if (perEpoch) boundTo(figure, boundOf(arrays));
    } else if (Object.keys(frames[0].arrays).length) {
      putArrays(figure, gather(frames, known.offsets));
      widenAxes(figure, await this.#alone(view, wanted, signal));
    }
    return { ...this.#head(how, known, wanted, frames), figure };
  }

  /**
   * The figures of the columns, each in its own ranges.
   * @param {string} view
   * @param {MixedWanted} wanted
   * @param {AbortSignal} signal
   */
  async #alone(view, { pair, steps, theme }, signal) {
    const asked = pair.map((index, i) => this.columns[index].alone(view, theme, steps[i], signal));
    return (await Promise.all(asked)).map(({ figure }) => figure);
  }

  /**
   * @param {SiteMixed} known
   * @param {MixedWanted} wanted
   */
  #figure({ aligned, fields, pictures }, { align, pair, shared, theme }) {
    const own = /** @type {Record<string, any>} */ (this.columns[pair[0]].choose(shared));
    const values = fields.map((field) => {
      const value = LOOKS.has(field) ? own[field] : (shared[field] ?? "");
      return `${field}=${value}`;
    });
    const name = [theme, aligned ? align : "", values.join("|")].filter(Boolean).join("|");
    const found = pictures[name];
    if (found) return filled(found, this.page.pool);
    throw new ServerError("What is picked is not in this file for several runs.", NOT_THERE);
  }

  /** @type {CompareSource["data"]} */
  async data(how, view, kind, wanted) {
    const answer = await this.mixed(how, view, wanted, new AbortController().signal);
    if ("missing" in answer) throw new ServerError(answer.missing, NOT_THERE);
    const step = wanted.steps[0];
    answer.figure.layout.meta = answer.origin;
    return numbersOf(
      /** @type {FigureAnswer} */ (/** @type {any} */ ({ ...answer, step })),
      kind,
      "",
    );
  }
}
