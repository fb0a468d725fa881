import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import {
  clamp,
  formatAge,
  formatBytes,
  formatDuration,
  formatEpoch,
  formatFixed,
  formatNumber,
  formatPercent,
  nearestIndex,
  powerOfTen,
  quantile,
  readEpoch,
  writerOf,
} from "#js/lib/numbers.js";

/** @type {Record<string, (value: any, ...more: number[]) => string>} */
const WRITERS = {
  number: formatNumber,
  fixed: formatFixed,
  whole: formatEpoch,
  power_of_ten: powerOfTen,
  percent: formatPercent,
  size: formatBytes,
  duration: formatDuration,
};

const SPECIAL = { nan: NaN, inf: Infinity, "-inf": -Infinity };

test("numbers are written as in Python, case by case", () => {
  const table = JSON.parse(readFileSync(new URL("../../written.json", import.meta.url), "utf8"));
  for (const [call, rows] of Object.entries(table)) {
    const [name, ...more] = call.split(" ");
    for (const [value, text] of rows) {
      const given = value in SPECIAL ? SPECIAL[/** @type {"nan"} */ (value)] : value;
      assert.equal(WRITERS[name](given, ...more.map(Number)), text, `${call} ${value}`);
    }
  }
});

test("formats of hovers are written so too", () => {
  assert.equal(writerOf(".4g")?.(-4), "−4");
  assert.equal(writerOf(".4g")?.(1.2e-8), "1.2 × 10⁻⁸");
  assert.equal(writerOf(".2f")?.(-0.5), "−0.50");
  assert.equal(writerOf(",d")?.(9600), "9,600");
  assert.equal(writerOf("%Y"), null);
});

test("an epoch is read however it was typed", () => {
  for (const typed of ["9600", "9,600", "9 600", "9_600", "9\u202f600"]) {
    assert.equal(readEpoch(typed), "9600");
  }
  assert.equal(Number(readEpoch(formatEpoch(1234567))), 1234567);
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
