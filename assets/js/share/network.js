/**
 * The network of a file to share, folded as `grokdash/sharing/folded.py` says it: what one
 * head, one neuron or one pair does is computed here, and what all pairs are answered.
 */

import { clamp } from "../lib/numbers.js";

/** @import { RoundedNumbers } from "./parts.js" */

/**
 * The weights of one checkpoint.
 *
 * @typedef {object} Weights
 * @property {number} p
 * @property {number} heads
 * @property {number} d_mlp
 * @property {ArrayLike<number>} scores `[heads, 2p + 1]`
 * @property {RoundedNumbers} left
 * @property {RoundedNumbers} right
 * @property {RoundedNumbers} own
 * @property {RoundedNumbers} read_left
 * @property {RoundedNumbers} read_right
 */

/** Milliseconds for which the page computes where the browser does not say. */
const TURN_MS = 6;
/** And at most, where it does: a hand on the slider should find the page free. */
const MOST_MS = 12;
/** And where somebody waits for it. */
const HURRIED_MS = 24;
/** So long it waits for a page that is busy with something else. */
const LONGEST_MS = 200;

/** Let the page be drawn. @returns {Promise<number>} until when to go on */
const breath = () => new Promise((then) => setTimeout(() => then(performance.now() + HURRIED_MS)));

/** Wait until the page has time to spare. @returns {Promise<number>} when it has no more */
const spare = () =>
  new Promise((then) => {
    if ("requestIdleCallback" in window) {
      const turn = (/** @type {IdleDeadline} */ deadline) =>
        then(performance.now() + clamp(deadline.timeRemaining(), 2, MOST_MS));
      requestIdleCallback(turn, { timeout: LONGEST_MS });
    } else setTimeout(() => then(performance.now() + TURN_MS));
  });

/**
 * Exponentials of the scores of one head, of which attention is a share.
 * @param {ArrayLike<number>} scores of all heads
 * @param {number} p
 * @param {number} head
 */
function weightsOf(scores, p, head) {
  const start = head * (2 * p + 1);
  let most = -Infinity;
  for (let i = 0; i <= 2 * p; i++) most = Math.max(most, scores[start + i]);
  return Float64Array.from({ length: 2 * p + 1 }, (_, i) => Math.exp(scores[start + i] - most));
}

/**
 * Attention of one head to a, b and "=", for every pair.
 * @param {ArrayLike<number>} scores of all heads
 * @param {number} p
 * @param {number} head
 * @returns {[Float64Array, Float64Array, Float64Array]}
 */
export function attention(scores, p, head) {
  const weights = weightsOf(scores, p, head);
  const self = weights[2 * p];
  const [toA, toB, toSelf] = [0, 1, 2].map(() => new Float64Array(p * p));
  for (let a = 0, at = 0; a < p; a++) {
    for (let b = 0; b < p; b++, at++) {
      const sum = weights[a] + weights[p + b] + self;
      toA[at] = weights[a] / sum;
      toB[at] = weights[p + b] / sum;
      toSelf[at] = self / sum;
    }
  }
  return [toA, toB, toSelf];
}

/**
 * One neuron on every pair.
 * @param {ArrayLike<number>} scores of all heads
 * @param {ArrayLike<number>} rows tables of all heads for it, then what it has itself
 * @param {{ p: number, heads: number }} size
 */
export function neuronGrid(scores, rows, { p, heads }) {
  const grid = new Float64Array(p * p).fill(rows[heads * (p + 3)]);
  for (let head = 0; head < heads; head++) {
    const weights = weightsOf(scores, p, head);
    const row = head * (p + 3);
    const [ofA, ofB, ofSelf] = [rows[row + p], rows[row + p + 1], rows[row + p + 2]];
    const second = Float64Array.from(
      { length: p },
      (_, b) => weights[p + b] * (rows[row + b] + ofB),
    );
    for (let a = 0, at = 0; a < p; a++) {
      const known = weights[a] * (rows[row + a] + ofA) + weights[2 * p] * ofSelf;
      const sum = weights[a] + weights[2 * p];
      for (let b = 0; b < p; b++) grid[at++] += (known + second[b]) / (sum + weights[p + b]);
    }
  }
  for (let at = 0; at < grid.length; at++) if (grid[at] < 0) grid[at] = 0;
  return grid;
}

/**
 * The tables of all heads for one neuron, and what it has itself.
 * @param {Weights} weights
 * @param {number} neuron
 */
export function rowsOf({ heads, left, own, right }, neuron) {
  const [, count, rank] = left.shape;
  const width = right.shape[2];
  const rows = new Float64Array(heads * count + 1);
  for (let row = 0; row < heads * count; row++) {
    const head = Math.floor(row / count);
    for (let i = 0; i < rank; i++)
      rows[row] += left.data[row * rank + i] * right.data[(head * rank + i) * width + neuron];
  }
  rows[heads * count] = own.data[neuron];
  return rows;
}

/**
 * The product of two matrices that lie one row behind the other.
 * @param {Float64Array} left `[n, r]`
 * @param {Float64Array} right `[r, w]`
 * @param {number} r
 * @param {number} w
 */
function product(left, right, r, w) {
  const n = left.length / r;
  const found = new Float64Array(n * w);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < r; j++) {
      const factor = left[i * r + j];
      if (factor === 0) continue;
      for (let k = 0, at = i * w, from = j * w; k < w; k++) found[at++] += factor * right[from++];
    }
  }
  return found;
}

/**
 * The logits of one pair.
 * @param {Weights} weights
 * @param {number} a
 * @param {number} b
 */
export function pairLogits(
  { d_mlp, heads, left, own, p, read_left, read_right, right, scores },
  a,
  b,
) {
  const [, count, rank] = left.shape;
  const width = right.shape[2];
  const mixed = Float64Array.from(own.data);
  const shares = new Float64Array(rank);
  for (let head = 0; head < heads; head++) {
    const exps = weightsOf(scores, p, head);
    const [toA, toB, toSelf] = [exps[a], exps[p + b], exps[2 * p]];
    const sum = toA + toB + toSelf;
    const row = (/** @type {number} */ at, /** @type {number} */ i) =>
      left.data[(head * count + at) * rank + i];
    for (let i = 0; i < rank; i++)
      shares[i] =
        (toA * (row(a, i) + row(p, i)) +
          toB * (row(b, i) + row(p + 1, i)) +
          toSelf * row(p + 2, i)) /
        sum;
    const moved = product(shares, right.data.subarray(head * rank * width), rank, width);
    for (let w = 0; w < width; w++) mixed[w] += moved[w];
  }
  const active = mixed.subarray(0, d_mlp).map((value) => Math.max(value, 0));
  const few = product(active, read_left.data, d_mlp, read_left.shape[1]);
  const read = product(few, read_right.data, read_left.shape[1], p);
  return mixed.slice(d_mlp).map((value, c) => value + read[c]);
}

/** A network at one checkpoint, ready for any pair. */
export class Unfolded {
  /** @param {Weights} weights */
  constructor(weights) {
    const { d_mlp, heads, left, own, p, read_left, read_right, right, scores } = weights;
    const [, rows, rank] = left.shape;
    const width = right.shape[2];
    this.p = p;
    this.heads = heads;
    this.d_mlp = d_mlp;
    this.width = width;
    this.own = own.data;
    this.tables = Array.from({ length: heads }, (_, head) =>
      product(
        left.data.subarray(head * rows * rank, (head + 1) * rows * rank),
        right.data.subarray(head * rank * width, (head + 1) * rank * width),
        rank,
        width,
      ),
    );
    this.readout = product(read_left.data, read_right.data, read_left.shape[1], p);
    this.patterns = this.tables.map((_, head) => attention(scores, p, head));
    this.mixed = new Float64Array(width);
    this.logits = new Float64Array(p);
  }

  /**
   * The logits of one pair; the same array is filled at every call.
   * @param {number} a
   * @param {number} b
   */
  pair(a, b) {
    const { d_mlp, heads, logits, mixed, own, p, readout } = this;
    mixed.set(own);
    for (let head = 0; head < heads; head++) this.addHead(head, a, b);
    for (let c = 0; c < p; c++) logits[c] = mixed[d_mlp + c];
    for (let n = 0; n < d_mlp; n++) {
      const active = mixed[n];
      if (active <= 0) continue;
      for (let c = 0, at = n * p; c < p; c++) logits[c] += active * readout[at++];
    }
    return logits;
  }

  /**
   * @param {number} head
   * @param {number} a
   * @param {number} b
   */
  addHead(head, a, b) {
    const { mixed, p, width } = this;
    const table = this.tables[head];
    const [toA, toB, toSelf] = this.patterns[head].map((one) => one[a * p + b]);
    const rows = [a, p, b, p + 1, p + 2].map((row) => row * width);
    for (let w = 0; w < width; w++) {
      mixed[w] +=
        toA * (table[rows[0] + w] + table[rows[1] + w]) +
        toB * (table[rows[2] + w] + table[rows[3] + w]) +
        toSelf * table[rows[4] + w];
    }
  }

  /**
   * What every pair is answered; the page draws meanwhile.
   * @param {{ hurry: boolean }} wish whether somebody waits for it
   * @returns {Promise<Uint16Array>} by pair a·p + b
   */
  async answers(wish) {
    const { p } = this;
    const found = new Uint16Array(p * p);
    let until = 0;
    for (let pair = 0; pair < p * p; pair++) {
      if (performance.now() >= until) until = await (wish.hurry ? breath() : spare());
      found[pair] = largest(this.pair(Math.floor(pair / p), pair % p));
    }
    return found;
  }
}

/** @param {Float64Array} values */
function largest(values) {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}
