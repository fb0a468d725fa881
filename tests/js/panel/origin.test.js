import assert from "node:assert/strict";
import { test } from "node:test";
import { originOf, stemOf } from "#js/panel/origin.js";

const about = {
  run: "a",
  title: "A",
  config: "0123abcd",
  epoch: 123,
  selection: { k: 3 },
  version: "1",
};
const of = (run, epoch) => ({ run, config: "0123abcd", epoch, selection: {} });

test("a file is named by run, view and epoch", () => {
  assert.equal(stemOf(about, "loss-grid"), "a__loss-grid__e000123");
});

test("a file of several runs names each once, and each of their epochs", () => {
  const runs = [of("a", 5), of("b", 5), of("a", 7)];
  assert.equal(stemOf({ ...about, runs }, "all"), "a-vs-b__all__e000005-vs-e000007");
});

test("a name that would be too long for a file counts the other runs", () => {
  const runs = [..."abcdef"].map((one) => of(one.repeat(40), 5));
  assert.equal(stemOf({ ...about, runs }, "all"), `${"a".repeat(40)}-vs-5-others__all__e000005`);
});

test("an origin names the run, its configuration, what is picked, version and link", () => {
  const { title, ...rest } = { ...about, view: "all", permalink: "/run/a" };
  assert.deepEqual(originOf(about, "all", "/run/a"), { title, ...rest });
});
