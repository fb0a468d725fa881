import assert from "node:assert/strict";
import test from "node:test";
import { grid, HEADER, regionsOf } from "#js/film/boxes.js";

const inside = (box, { width, height }) =>
  box.x >= 0 && box.y >= HEADER && box.x + box.width <= width && box.y + box.height <= height;
const apart = (a, b) =>
  a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;

test("six panels are three beside each other, twice", () => {
  const boxes = grid({ x: 0, y: 0, width: 1260, height: 500 }, 6);

  assert.equal(new Set(boxes.map(({ x }) => x)).size, 3);
  assert.equal(new Set(boxes.map(({ y }) => y)).size, 2);
});

const SIZE = { width: 1280, height: 720 };
const FILMS = [1, 2, 3, 7].flatMap((runs) =>
  [1, 4, 9].flatMap((panels) => [
    { runs, panels, chart: true },
    { runs, panels, chart: false },
  ]),
);
const boxesIn = ({ chart, panels }) => (chart ? [chart, ...panels] : panels);

test("nothing lies outside the film or over anything else, however much there is", () => {
  for (const film of [...FILMS, { runs: 1, panels: 0, chart: true }]) {
    const boxes = regionsOf({ ...SIZE, ...film }).flatMap(boxesIn);

    assert.equal(boxes.length, film.runs * (film.panels + (film.chart ? 1 : 0)));
    assert.ok(boxes.every((box) => inside(box, SIZE) && box.width > 40 && box.height > 20));
    assert.ok(boxes.every((box, i) => boxes.slice(i + 1).every((other) => apart(box, other))));
  }
});

test("runs beside each other are named above their pictures", () => {
  for (const film of FILMS.filter(({ runs }) => runs > 1)) {
    for (const region of regionsOf({ ...SIZE, ...film })) {
      const { y, height } = region.name;

      assert.ok(height > 10);
      assert.ok(boxesIn(region).every((box) => y + height <= box.y));
    }
  }
});

test("one run needs no name above its pictures", () => {
  const [only] = regionsOf({ width: 1280, height: 720, runs: 1, chart: true, panels: 1 });

  assert.equal(only.name.height, 0);
});
