import assert from "node:assert/strict";
import test from "node:test";
import {
  clamp,
  formatAge,
  formatBytes,
  formatEpoch,
  formatPercent,
  nearestIndex,
  quantile,
  readEpoch,
} from "#js/lib/numbers.js";

test("an epoch is written with commas between thousands", () => {
  const written = [0, 999, 1000, 9600, 40000, 1234567].map(formatEpoch);

  assert.deepEqual(written, ["0", "999", "1,000", "9,600", "40,000", "1,234,567"]);
});

test("an epoch is read however it was typed", () => {
  for (const typed of ["9600", "9,600", "9 600", "9_600", "9\u202f600"]) {
    assert.equal(readEpoch(typed), "9600");
  }
  assert.equal(Number(readEpoch(formatEpoch(1234567))), 1234567);
});

test("sizes have units of a thousand, one decimal below ten", () => {
  assert.equal(formatBytes(999), "999 B");
  assert.equal(formatBytes(1000), "1.0 kB");
  assert.equal(formatBytes(52_400_000), "52 MB");
  assert.equal(formatBytes(7.25e15), "7250 TB");
  assert.equal(formatBytes(null), "–");
});

test("ages come in the largest unit that is full", () => {
  const now = 1_000_000;
  const ages = [0, 59, 60, 3599, 3600, 86399, 86400].map((age) => formatAge(now - age, 1000 * now));

  assert.deepEqual(ages, [
    "0 s ago",
    "59 s ago",
    "1 min ago",
    "60 min ago",
    "1 h ago",
    "24 h ago",
    "1 d ago",
  ]);
});

test("a clock that is behind makes nothing younger than now", () => {
  assert.equal(formatAge(2_000, 1_000_000), "0 s ago");
  assert.equal(formatAge(undefined), "–");
});

test("a share is written as in the sentences", () => {
  assert.equal(formatPercent(0.9994), "99.9 %");
  assert.equal(formatPercent(0.366), "36.6 %");
  assert.equal(formatPercent(1), "100.0 %");
  assert.equal(formatPercent(0.95, 0), "95 %");
  assert.equal(formatPercent(undefined), "–");
});

test("the nearest entry is what a search over all entries finds", () => {
  const sorted = [0, 10, 20, 50, 100];
  for (let value = -5; value <= 110; value++) {
    const distances = sorted.map((one) => Math.abs(one - value));
    assert.equal(nearestIndex(sorted, value), distances.indexOf(Math.min(...distances)));
  }
  assert.equal(nearestIndex([], 3), -1);
  assert.equal(nearestIndex([7], 1000), 0);
});

test("bounds hold", () => {
  assert.deepEqual(
    [-1, 0, 3, 9].map((value) => clamp(value, 0, 3)),
    [0, 0, 3, 3],
  );
});

test("a quantile is an entry of the list, whatever its order", () => {
  const values = [5, 1, 4, 2, 3];

  assert.equal(quantile(values, 0), 1);
  assert.equal(quantile(values, 0.5), 3);
  assert.equal(quantile(values, 1), 5);
  assert.deepEqual(values, [5, 1, 4, 2, 3]);
  assert.ok(Number.isNaN(quantile([], 0.5)));
});
