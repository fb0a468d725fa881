import assert from "node:assert/strict";
import test, { beforeEach, mock } from "node:test";
import { reading, view } from "./memory.js";

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

test("what is picked stays within what there is", () => {
  const { reader } = reading([]);

  assert.equal(reader.clampChoice("k", 9), 5);
  assert.equal(reader.clampChoice("k", "2.4"), 2);
  assert.equal(reader.clampChoice("k", "many"), undefined);
  assert.equal(reader.clampChoice("colour", "a"), "a");
  assert.equal(reader.clampChoice("colour", "z"), undefined);
});

test("a choice drops the frames of the views that read it, and no others", () => {
  const { reader, source, prefetcher } = reading([
    view("wave", { reads: ["step", "k"] }),
    view("loss", { reads: ["step"] }),
  ]);
  for (const store of prefetcher.stores.values()) store.put(0, source.frame(0));

  const changed = reader.choose({ k: 3, colour: "b", unknown: 1 });

  assert.deepEqual(changed, ["k"]);
  assert.equal(reader.selection.k, 3);
  assert.deepEqual(
    ["wave", "loss"].map((id) => prefetcher.store(id).loaded),
    [0, 1],
  );
});

test("a range of colours belongs to the picture, not to its frames", () => {
  const wave = view("wave", { reads: ["step", "k", "norm"] });
  const { reader, source, prefetcher } = reading([wave]);
  prefetcher.store("wave").put(0, source.frame(0));
  const key = reader.selectionKey(wave);

  reader.choose({ norm: "epoch" });

  assert.equal(prefetcher.store("wave").loaded, 1);
  assert.notEqual(reader.selectionKey(wave), key);
  assert.deepEqual(reader.arraySelection(wave), { k: 1 });
});

test("the key of a picture changes with what it reads and how it is drawn only", () => {
  const wave = view("wave", { reads: ["step"], styles: ["colour"] });
  const { reader } = reading([wave]);
  const key = reader.selectionKey(wave);

  reader.choose({ k: 4 });
  assert.equal(reader.selectionKey(wave), key);
  reader.choose({ colour: "a" });
  assert.notEqual(reader.selectionKey(wave), key);
});
