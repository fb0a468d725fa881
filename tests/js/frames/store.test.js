import assert from "node:assert/strict";
import test from "node:test";
import { FrameStore } from "#js/frames/store.js";

const frame = (step, bytes = 10) => ({ step, arrays: {}, bytes });

function storeWith(length, loaded) {
  const store = new FrameStore({ id: "view" });
  store.reset(length);
  for (const index of loaded) store.put(index, frame(index));
  return store;
}

test("the nearest frame is the closest loaded one, the earlier of two", () => {
  const store = storeWith(10, [2, 6]);

  const nearest = [0, 2, 3, 4, 5, 9].map((index) => store.nearest(index));

  assert.deepEqual(nearest, [2, 2, 2, 2, 6, 6]);
  assert.equal(storeWith(10, []).nearest(5), -1);
});

test("memory is counted, however often a frame is put and dropped", () => {
  const store = storeWith(4, [1]);

  store.put(1, frame(1, 30));
  store.put(2, frame(2, 5));
  store.drop(1);

  assert.equal(store.bytes, 5);
  assert.equal(store.loaded, 1);
  assert.equal(store.get(1), undefined);
  assert.deepEqual([store.has(1), store.has(2)], [false, true]);
});

test("waiting for an epoch that has no frame makes no sense", () => {
  const store = storeWith(3, []);

  store.put(1, null);

  assert.deepEqual(
    [0, 1].map((i) => store.settled(i)),
    [false, true],
  );
  assert.equal(store.has(1), false);
});

test("new checkpoints leave what is loaded alone", () => {
  const store = storeWith(3, [0, 2]);

  store.grow(6);

  assert.deepEqual(
    [0, 1, 2, 3, 5].map((i) => store.has(i)),
    [true, false, true, false, false],
  );
  assert.deepEqual(store.ahead(0, 10, 10), [1, 3, 4, 5]);
});

test("what is under way is not asked for again, until it failed", () => {
  const store = storeWith(5, []);

  store.mark([1, 2], true);
  assert.deepEqual(store.ahead(0, 10, 10), [0, 3, 4]);
  store.put(1, frame(1));
  store.mark([1, 2], false);

  assert.deepEqual(store.ahead(0, 10, 10), [0, 2, 3, 4]);
});

test("gaps around an index come nearest first, in order", () => {
  const store = storeWith(20, [10, 11]);

  assert.deepEqual(store.around(10, 3, 6), [8, 9, 12]);
  assert.deepEqual(store.around(0, 3, 6), [0, 1, 2]);
  assert.deepEqual(store.around(19, 4, 1), [18, 19]);
});

test("blocks lie at fixed places of the grid, whatever was asked first", () => {
  const fromLeft = storeWith(1000, []).block(70, 4, 16, Infinity);
  const fromRight = storeWith(1000, []).block(120, 4, 16, Infinity);

  assert.deepEqual(fromLeft, fromRight);
  assert.deepEqual(
    fromLeft,
    Array.from({ length: 16 }, (_, i) => 64 + 4 * i),
  );
});

test("blocks of one stride fill its grid once and then end", () => {
  const store = storeWith(100, []);
  const seen = [];
  for (;;) {
    const block = store.block(50, 8, 4, Infinity);
    if (!block.length) break;
    for (const index of block) store.put(index, frame(index));
    seen.push(...block);
  }

  assert.deepEqual(
    seen.sort((a, b) => a - b),
    Array.from({ length: 13 }, (_, i) => 8 * i),
  );
});

test("a block beyond the window is not asked for", () => {
  const store = storeWith(1000, []);
  for (let i = 0; i < 32; i++) store.put(i, frame(i));

  assert.deepEqual(store.block(0, 1, 16, 16), []);
  assert.equal(store.block(0, 1, 16, 64)[0], 32);
});

test("another selection forgets everything and makes answers on the way stale", () => {
  const store = storeWith(5, [0, 1]);
  const before = store.generation;

  store.reset(5);

  assert.equal(store.bytes, 0);
  assert.equal(store.nearest(0), -1);
  assert.notEqual(store.generation, before);
});

test("a thinned store passes over what it does not hold, however long the run gets", () => {
  const store = storeWith(10, [0, 1, 2, 3]);
  store.put(5, null);

  store.thin(4);
  store.put(6, frame(6));
  store.grow(14);

  assert.deepEqual(store.held(), [0]);
  assert.deepEqual(store.ahead(0, 20, 20), [4, 8, 12]);
  assert.ok([1, 2, 3, 5, 6, 7, 9, 13].every((i) => store.settled(i) && !store.isMissing(i)));
  store.reset(14);
  assert.equal(store.ahead(0, 20, 20).length, 14);
});
