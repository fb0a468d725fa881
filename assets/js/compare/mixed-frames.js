/** Frames of several runs as one: a difference, or all of them side by side. */

import { frameValues } from "../frames/blocks.js";

/**
 * @import { Frame, FrameArray } from "../frames/blocks.js"
 */

/**
 * First frame minus second; null if their shapes differ.
 * @param {Frame} first
 * @param {Frame} second
 */
export function subtract(first, second) {
  /** @type {Record<string, FrameArray>} */
  const arrays = {};
  for (const [key, one] of Object.entries(first.arrays)) {
    const other = second.arrays[key];
    if (!other || String(one.shape) !== String(other.shape)) return null;
    const a = frameValues(one);
    const b = frameValues(other);
    const data = new Float32Array(a.length);
    let bound = 0;
    for (let i = 0; i < a.length; i++) {
      data[i] = a[i] - b[i];
      if (Math.abs(data[i]) > bound) bound = Math.abs(data[i]);
    }
    arrays[key] = { dtype: "f4", shape: one.shape, data, lo: -bound, hi: bound };
  }
  return arrays;
}

/**
 * The arrays of all frames, each under the number of its trace in the figure.
 * @param {Frame[]} frames
 * @param {number[]} offsets
 */
export function gather(frames, offsets) {
  /** @type {Record<string, FrameArray>} */
  const arrays = {};
  frames.forEach((frame, i) => {
    for (const [key, array] of Object.entries(frame.arrays)) {
      const [trace, ...attribute] = key.split(".");
      if (attribute[0] === "marker") continue;
      arrays[`${Number(trace) + (offsets[i] || 0)}.${attribute.join(".")}`] = array;
    }
  });
  return arrays;
}
