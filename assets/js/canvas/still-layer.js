/** A trace that is the same in every frame is painted once, on a canvas of its own. */

import { asideOf, insideSubplot, layOver } from "./subplot.js";

/**
 * @import { Painter, PaintJob } from "./overlay.js"
 * @import { Axis } from "./plotly.js"
 */

/**
 * Whether a trace is painted as Plotly has drawn it, whatever the frame.
 * @param {PaintJob} job
 * @param {{ xaxis: Axis, yaxis: Axis }} plot
 */
export function isStill({ arrays, trace, xa, ya, range, scale }, plot) {
  const moved = xa !== plot.xaxis || ya !== plot.yaxis || range || scale;
  const leans = String(trace.fill).startsWith("tonext");
  return !moved && !leans && !Object.keys(arrays).length;
}

/**
 * What the pixels of a still trace depend on; Plotly makes traces and points anew when
 * they change.
 * @param {PaintJob} job
 * @param {number} ratio
 */
const reasons = ({ trace, calc, xa, ya, perFrame }, ratio) => [
  ...[trace, calc, perFrame, ratio],
  ...[xa, ya].flatMap(({ _offset, _length, range }) => [_offset, _length, ...(range || [])]),
];

export class StillLayer {
  /** @type {any[]} */
  #reasons = [];
  /** @type {HTMLCanvasElement | null} */
  #canvas = null;

  /**
   * Paint as the painter would: by itself the first time, as one picture from then on.
   * @param {CanvasRenderingContext2D} context
   * @param {PaintJob} job
   * @param {Painter} paint
   */
  paint(context, job, paint) {
    const { a: ratio } = context.getTransform();
    const now = reasons(job, ratio);
    const known = this.#reasons;
    const same = now.length === known.length && now.every((one, i) => one === known[i]);
    this.#reasons = now;
    if (!same) {
      this.#canvas = null;
      insideSubplot(context, job.xa, job.ya, () => paint(context, job));
      return;
    }
    this.#canvas ||= asideOf(job, ratio, (aside) =>
      insideSubplot(aside, job.xa, job.ya, () => paint(aside, job)),
    );
    layOver(context, this.#canvas, job);
  }
}
