/** What the page computes itself of a network: numbers of a view, and their figure. */

import { formatEpoch } from "../lib/numbers.js";
import { fill } from "../lib/misfits.js";
import { attention, neuronGrid, pairLogits, rowsOf, Unfolded } from "./network.js";
import { readPart, readRounded } from "./parts.js";

/**
 * @import { ShareHead, SharedNetwork } from "../contract.js"
 * @import { NumberArray } from "../frames/blocks.js"
 * @import { Weights } from "./network.js"
 */

/** Networks that are kept ready; each takes some megabytes. */
const MOST = 3;

/**
 * An array as frames have it.
 * @param {ArrayLike<number>} values
 * @param {number[]} shape
 * @returns {NumberArray}
 */
const floats = (values, shape) => ({ dtype: "f4", shape, data: Float32Array.from(values) });

export class Computer {
  /** @type {Map<number, Promise<Weights>>} by place among the checkpoints with weights */
  #weights = new Map();
  /** @type {Map<number, Promise<Unfolded>>} */
  #unfolded = new Map();
  /** @type {Map<number, { wish: { hurry: boolean }, coming: Promise<Uint16Array> }>} */
  #answers = new Map();
  /** @type {Promise<unknown>} answers are computed one after the other */
  #last = Promise.resolve();
  /** @type {Map<number, Promise<[number, number]>>} by neuron */
  #ranges = new Map();

  /**
   * @param {ShareHead} head
   * @param {SharedNetwork} network
   */
  constructor(head, network) {
    this.head = head;
    this.network = network;
    this.p = head.manifest.p;
    this.steps = head.manifest.steps;
  }

  get size() {
    return { p: this.p, heads: this.network.heads };
  }

  /** @param {string} name of a part */
  async #rounded(name) {
    return readRounded(await readPart(name, this.head.words.damaged));
  }

  /** @type {Promise<Record<string, import("./parts.js").RoundedNumbers>> | null} */
  #series = null;

  /**
   * What is there of every epoch: `scores` and `rows` of one neuron.
   * @param {"scores" | "rows"} name
   * @param {number} step
   */
  async series(name, step) {
    this.#series ||= this.#rounded(this.network.scores);
    const { data, shape } = (await this.#series)[name];
    const each = data.length / shape[0];
    const place = this.steps.indexOf(step);
    return data.subarray(place * each, (place + 1) * each);
  }

  /** @param {number} step one of those with weights @returns {Promise<Weights>} */
  weights(step) {
    const place = this.network.epochs.indexOf(step);
    let coming = this.#weights.get(place);
    if (!coming) {
      coming = this.#read(place, step);
      this.#weights.set(place, coming);
    }
    return coming;
  }

  /**
   * @param {number} place
   * @param {number} step
   * @returns {Promise<Weights>}
   */
  async #read(place, step) {
    const { d_mlp, parts } = this.network;
    const arrays = await this.#rounded(parts[place]);
    const { left, own, read_left, read_right, right } = arrays;
    const scores = await this.series("scores", step);
    return { ...this.size, d_mlp, scores, left, own, read_left, read_right, right };
  }

  /** @param {number} step */
  unfolded(step) {
    let coming = this.#unfolded.get(step);
    this.#unfolded.delete(step); // the last used one is the last to go
    coming ||= this.weights(step).then((weights) => new Unfolded(weights));
    this.#unfolded.set(step, coming);
    if (this.#unfolded.size > MOST) this.#unfolded.delete([...this.#unfolded.keys()][0]);
    return coming;
  }

  /**
   * @param {number} step
   * @param {{ h: number }} selection
   */
  async attention(step, { h }) {
    const [toA] = attention(await this.series("scores", step), this.p, h);
    return { "0.z": floats(toA, [this.p, this.p]) };
  }

  /**
   * @param {number} step
   * @param {{ n: number }} selection
   */
  async neuron(step, { n }) {
    const scores = await this.series("scores", step);
    const own = n === this.network.neuron;
    const rows = own ? await this.series("rows", step) : rowsOf(await this.weights(step), n);
    return { "0.z": floats(neuronGrid(scores, rows, this.size), [this.p, this.p]) };
  }

  /**
   * The range of a neuron over all epochs with weights.
   * @param {number} n
   */
  neuronRange(n) {
    let coming = this.#ranges.get(n);
    if (!coming) {
      const all = this.network.epochs.map((step) => this.neuron(step, { n }));
      coming = Promise.all(all).then((grids) => [
        0,
        Math.max(...grids.map((grid) => grid["0.z"].data.reduce((a, b) => Math.max(a, b), 0))) || 1,
      ]);
      this.#ranges.set(n, coming);
    }
    return coming;
  }

  /**
   * The logits of a pair above their mean.
   * @param {number} step
   * @param {{ a: number, b: number }} selection
   */
  async logits(step, { a, b }) {
    const logits = pairLogits(await this.weights(step), a, b);
    const mean = logits.reduce((sum, one) => sum + one, 0) / this.p;
    return {
      "0.y": floats(
        logits.map((one) => one - mean),
        [this.p],
      ),
    };
  }

  /**
   * What all pairs are answered at an epoch: a·p + b → c. Where rounding might change an
   * answer, the file says it.
   * @param {number} step
   * @param {boolean} [hurry] whether somebody waits for them
   * @returns {Promise<Uint16Array>}
   */
  answersAt(step, hurry = true) {
    const known = this.#answers.get(step);
    if (known) {
      known.wish.hurry ||= hurry;
      return known.coming;
    }
    const wish = { hurry };
    const before = hurry ? Promise.resolve() : this.#last;
    const coming = before
      .then(async () => (await this.unfolded(step)).answers(wish))
      .then((found) => this.#told(step, found));
    if (!hurry) this.#last = coming.catch(() => {});
    this.#answers.set(step, { wish, coming });
    return coming;
  }

  /**
   * @param {number} step
   * @param {Uint16Array} found
   */
  #told(step, found) {
    const [pairs, told] = this.network.told[this.network.epochs.indexOf(step)];
    for (const [i, pair] of pairs.entries()) found[pair] = told[i];
    return found;
  }

  /**
   * @param {number} step
   * @param {unknown} _selection
   * @param {boolean} hurry
   */
  async answers(step, _selection, hurry) {
    const { p } = this;
    const found = await this.answersAt(step, hurry);
    const kinds = this.head.split.map((one, pair) => {
      if (one < 0) return NaN;
      return (one >= p ? 2 : 0) + Number(found[pair] === one % p);
    });
    return { "0.z": floats(kinds, [p, p]) };
  }

  /**
   * What is said of numbers that the file has no sentence for.
   * @param {"attention" | "neuron" | "answers" | "logits"} kind
   * @param {number} step
   * @param {Record<string, any>} selection
   */
  async sentence(kind, step, selection) {
    const { words } = this.head;
    const names = { ...selection, epoch: formatEpoch(step) };
    if (kind === "logits")
      return fill(words.pair, { ...names, ...(await this.#pair(step, selection)) });
    return fill(
      { attention: words.head, neuron: words.neuron, answers: words.answers }[kind],
      names,
    );
  }

  /**
   * @param {number} step
   * @param {Record<string, any>} selection
   */
  async #pair(step, { a, b }) {
    const { head, p } = this;
    const logits = pairLogits(await this.weights(step), a, b);
    const order = [...logits.keys()].sort((c, d) => logits[d] - logits[c]);
    const right = head.split[a * p + b];
    return {
      answer: order[0],
      right: right < 0 ? "none" : right % p,
      margin: (logits[order[0]] - logits[order[1]]).toPrecision(3),
    };
  }
}
