/** Bars on a canvas, where Plotly put them, with other lengths. */

import { frameValues } from "../frames/blocks.js";
import { markerColours } from "./colours.js";

/** @import { Painter } from "./overlay.js" */

/**
 * @param {number} value
 * @param {number} otherwise
 */
function finite(value, otherwise) {
  return Number.isFinite(value) ? value : otherwise;
}

/** @type {Painter} */
export function drawBars(context, job) {
  const { trace, calc, xa, ya, arrays } = job;
  const flat = trace.orientation === "h";
  const along = flat ? xa : ya;
  const across = flat ? ya : xa;
  const changed = flat ? arrays.x : arrays.y;
  const lengths = changed ? frameValues(changed) : null;
  const colours = markerColours(job);
  const floor = flat ? 0 : ya._length;
  context.globalAlpha = trace.opacity ?? 1;
  for (let j = 0; j < calc.length; j++) {
    const bar = calc[j];
    const base = bar.b || 0;
    const length = lengths ? lengths[j] : bar.s;
    if (Number.isNaN(length)) continue;
    const from = across.c2p(bar.p0, true);
    const to = across.c2p(bar.p1, true);
    const start = finite(along.c2p(base, true), floor);
    const end = finite(along.c2p(base + length, true), floor);
    context.fillStyle = colours(j);
    const thickness = Math.max(1, Math.abs(to - from));
    if (flat)
      context.fillRect(Math.min(start, end), Math.min(from, to), Math.abs(end - start), thickness);
    else
      context.fillRect(Math.min(from, to), Math.min(start, end), thickness, Math.abs(end - start));
  }
}
