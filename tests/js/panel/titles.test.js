import assert from "node:assert/strict";
import test from "node:test";
import { broken, fitTitles } from "#js/panel/titles.js";

const TITLE = "frequency k (cycles per 58 discrete logarithms)";
const layout = () => ({
  margin: { l: 52, r: 12, t: 8, b: 40 },
  xaxis: { title: { text: TITLE } },
  yaxis: { title: { text: TITLE } },
});

test("a title is broken at the space nearest to its middle", () => {
  assert.equal(broken(TITLE), "frequency k (cycles per<br>58 discrete logarithms)");
  assert.equal(broken("frequency"), "frequency");
  assert.equal(broken("a<br>b c"), "a<br>b c");
});

test("a title that fits stays as it is, and so does the margin", () => {
  const wide = layout();
  fitTitles(wide, 600);
  assert.deepEqual(wide, layout());
});

test("a longer one gets a second line with room for it; a y axis is left alone", () => {
  const narrow = layout();
  fitTitles(narrow, 283);
  assert.equal(narrow.xaxis.title.text, broken(TITLE));
  assert.equal(narrow.yaxis.title.text, TITLE);
  assert.equal(narrow.margin.b, 53);
});
