/** Two waves that become one: the products of cosines and sines, and their sum. */

import { byId, setText } from "../lib/dom.js";
import { formatFixed } from "../lib/numbers.js";

/** @import { Session } from "../player/session.js" */

const SVG = "http://www.w3.org/2000/svg";
const ROW = 104;
const EDGE = 14;
const HIGH = 34;
const LEAST = 280;
const POINTS = 180;

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {string} [text]
 */
function shape(tag, attributes, text) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  if (text) node.textContent = text;
  return node;
}

/**
 * The angle by which a number turns the hand, in turns from 0 to 1.
 * @param {number} k
 * @param {number} number
 * @param {number} p
 */
export const turns = (k, number, p) => ((k * number) % p) / p;

/**
 * The three curves at an angle x, for a fixed y, both in turns.
 * @param {number} x
 * @param {number} y
 * @returns {[number, number, number]}
 */
export function curves(x, y) {
  const [u, v] = [2 * Math.PI * x, 2 * Math.PI * y];
  const first = Math.cos(u) * Math.cos(v);
  const second = -Math.sin(u) * Math.sin(v);
  return [first, second, first + second];
}

const NAMES = ["cos x · cos y", "− sin x · sin y", "their sum: cos (x + y)"];

/** @param {number} row */
const middleOf = (row) => row * ROW + ROW - HIGH - 12;

/**
 * @param {{ k: number, a: number, b: number }} picked
 * @param {number} p
 * @param {number} width in pixels
 */
function picture({ k, a, b }, p, width) {
  const [x, y] = [turns(k, a, p), turns(k, b, p)];
  const bottom = NAMES.length * ROW;
  const across = (/** @type {number} */ at) => EDGE + at * (width - 2 * EDGE);

  /**
   * @param {number} shift of the curve in turns
   * @param {number} row
   */
  function line(shift, row) {
    const points = [];
    for (let i = 0; i <= POINTS; i++) {
      const at = i / POINTS;
      const height = middleOf(row) - HIGH * curves(at, shift)[row];
      points.push(`${across(at).toFixed(1)},${height.toFixed(1)}`);
    }
    return points.join(" ");
  }

  const svg = shape("svg", { viewBox: `0 0 ${width} ${bottom + 22}`, "aria-hidden": "true" });
  svg.append(
    shape("line", { class: "here", x1: across(x), x2: across(x), y1: 4, y2: bottom }),
    shape("text", { class: "axis", x: across(0), y: bottom + 14 }, "x = 0"),
    shape("text", { class: "axis end", x: across(1), y: bottom + 14 }, "x = one whole turn"),
  );
  NAMES.forEach((name, row) => {
    const middle = middleOf(row);
    svg.append(
      shape("line", { class: "zero", x1: across(0), x2: across(1), y1: middle, y2: middle }),
      shape("text", { class: "name", x: across(0), y: row * ROW + 16 }, name),
      shape("polyline", { class: `wave wave-${row}`, points: line(y, row) }),
      shape("circle", { class: "at", r: 4, cx: across(x), cy: middle - HIGH * curves(x, y)[row] }),
    );
  });
  svg.append(shape("polyline", { class: "wave unmoved", points: line(0, 2) }));
  return svg;
}

/**
 * @param {{ k: number, a: number, b: number }} picked
 * @param {number} p
 */
export function caption({ k, a, b }, p) {
  const [first, second, sum] = curves(turns(k, a, p), turns(k, b, p));
  const term = second < 0 ? `− ${formatFixed(-second)}` : `+ ${formatFixed(second)}`;
  return (
    `Frequency ${k}; b = ${b} turns by y = ${formatFixed(turns(k, b, p))} of a turn. ` +
    `At a = ${a} (dots): ${formatFixed(first)} ${term} = ${formatFixed(sum)}. ` +
    "Dashed: the wave of x alone, not moved."
  );
}

/** @param {Session} session */
export function drawWaves({ stage }) {
  const box = byId("waves");
  if (!box) return;
  const p = Number(box.dataset.p);
  const draw = () => {
    const { k, a, b } = stage.selection;
    box.replaceChildren(picture({ k, a, b }, p, Math.max(box.clientWidth, LEAST)));
    setText(byId("waves-caption"), caption({ k, a, b }, p));
  };
  const sizes = new ResizeObserver(draw);
  sizes.observe(box);
  stage.signal.addEventListener("abort", () => sizes.disconnect());
  stage.on("selected", draw);
}
