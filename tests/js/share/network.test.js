import assert from "node:assert/strict";
import test from "node:test";
import { Computer } from "#js/share/computed.js";
import { attention, neuronGrid, pairLogits, rowsOf, Unfolded } from "#js/share/network.js";

const [p, heads, rank, d_mlp] = [5, 2, 3, 4];
const width = d_mlp + p;
let seed = 1;
const random = () => {
  seed = (seed * 16807) % 2147483647;
  return seed / 2147483647 - 0.5;
};
const array = (...shape) => ({
  shape,
  data: Float64Array.from({ length: shape.reduce((a, b) => a * b) }, random),
});
const weights = {
  p,
  heads,
  d_mlp,
  scores: array(heads, 2 * p + 1).data.map((one) => 6 * one),
  left: array(heads, p + 3, rank),
  right: array(heads, rank, width),
  own: array(width),
  read_left: array(d_mlp, 2),
  read_right: array(2, p),
};

/** The pass of one pair, written as the definition says it. */
function plainly(a, b) {
  const { left, own, read_left, read_right, right, scores } = weights;
  const table = (h, row, w) =>
    Array.from({ length: rank }, (_, i) => i).reduce(
      (sum, i) =>
        sum + left.data[(h * (p + 3) + row) * rank + i] * right.data[(h * rank + i) * width + w],
      0,
    );
  const mixed = Array.from({ length: width }, (_, w) => {
    let sum = own.data[w];
    for (let h = 0; h < heads; h++) {
      const of = [a, p + b, 2 * p].map((at) => Math.exp(scores[h * (2 * p + 1) + at]));
      const share = of.map((one) => one / (of[0] + of[1] + of[2]));
      sum += share[0] * (table(h, a, w) + table(h, p, w));
      sum += share[1] * (table(h, b, w) + table(h, p + 1, w)) + share[2] * table(h, p + 2, w);
    }
    return sum;
  });
  const neurons = mixed.slice(0, d_mlp).map((one) => Math.max(one, 0));
  const logits = mixed.slice(d_mlp).map((one, c) => {
    let sum = one;
    for (let n = 0; n < d_mlp; n++)
      for (let s = 0; s < 2; s++)
        sum += neurons[n] * read_left.data[n * 2 + s] * read_right.data[s * p + c];
    return sum;
  });
  return { neurons, logits };
}

function near(found, wanted) {
  assert.equal(found.length, wanted.length);
  for (const [i, one] of found.entries())
    assert.ok(Math.abs(one - wanted[i]) < 1e-12, `${i}: ${one}`);
}

const pairs = Array.from({ length: p * p }, (_, i) => [Math.floor(i / p), i % p]);

test("logits of a pair are those of the definition, alone and with all others", () => {
  const ready = new Unfolded(weights);
  for (const [a, b] of pairs) {
    const { logits } = plainly(a, b);
    near([...pairLogits(weights, a, b)], logits);
    near([...ready.pair(a, b)], logits);
  }
});

test("a neuron on all pairs is that of the definition, and attention sums to one", () => {
  for (let n = 0; n < d_mlp; n++) {
    const grid = neuronGrid(weights.scores, rowsOf(weights, n), weights);
    near(
      [...grid],
      pairs.map(([a, b]) => plainly(a, b).neurons[n]),
    );
  }
  const [toA, toB, toSelf] = attention(weights.scores, p, 1);
  near(
    pairs.map((_, i) => toA[i] + toB[i] + toSelf[i]),
    pairs.map(() => 1),
  );
});

test("every pair is answered by its largest logit, but where the file says otherwise", async () => {
  const head = { manifest: { p, steps: [7] }, words: {} };
  const network = {
    heads,
    epochs: [7],
    told: [
      [
        [0, 12],
        [4, 3],
      ],
    ],
  };
  const computer = new Computer(head, network);
  computer.unfolded = () => Promise.resolve(new Unfolded(weights));

  const found = await computer.answersAt(7);

  const wanted = pairs.map(([a, b]) => {
    const { logits } = plainly(a, b);
    return logits.indexOf(Math.max(...logits));
  });
  wanted[0] = 4;
  wanted[12] = 3;
  assert.deepEqual([...found], wanted);
});
