import assert from "node:assert/strict";
import test from "node:test";
import { Choice } from "#js/runs/facets.js";

const row = (operation, p, state, tags = []) => ({
  operation,
  p,
  state,
  tags,
});

const ROWS = [
  row("add", 113, "finished", ["good", "seed"]),
  row("add", 59, "running"),
  row("mul", 113, "finished", ["good"]),
  row("mul", 7, "running"),
];

const FACETS = ["operation", "p", "state", "tag"].map((name) => ({ name }));
const facet = (name) => FACETS.find((one) => one.name === name);

const chosen = (query) => {
  const choice = new Choice(FACETS);
  choice.read(new URLSearchParams(query));
  return choice;
};

const passing = (choice) => ROWS.flatMap((one, i) => (choice.passes(one) ? [i] : []));

test("values of one facet add up, facets narrow each other", () => {
  assert.deepEqual(passing(chosen("")), [0, 1, 2, 3]);
  assert.deepEqual(passing(chosen("p=113&p=59")), [0, 1, 2]);
  assert.deepEqual(passing(chosen("p=113&p=59&operation=add")), [0, 1]);
  assert.deepEqual(passing(chosen("tag=good")), [0, 2]);
});

test("the address says what is ticked, and keeps what is not ours", () => {
  const choice = chosen("p=113&t=dark");
  choice.set("tag", "good", true);
  choice.set("p", "113", false);
  const query = new URLSearchParams("p=113&t=dark");

  choice.write(query);

  assert.equal(query.toString(), "t=dark&tag=good");
  assert.equal(choice.size, 1);
});

test("a value counts the rows that ticking it would show", () => {
  const choice = chosen("operation=add");

  assert.deepEqual(choice.count(ROWS, facet("p")), [
    ["59", 1],
    ["113", 1],
  ]);
});

test("a ticked value stays in sight when no row has it", () => {
  const choice = chosen("state=interrupted");

  const counts = choice.count([], facet("state"));

  assert.deepEqual(counts, [["interrupted", 0]]);
});

test("showing all again forgets every tick", () => {
  const choice = chosen("p=7&operation=add");

  choice.clear();

  assert.deepEqual(passing(choice), [0, 1, 2, 3]);
});
