/** Painting within the plot area of one subplot. */

/** @import { Axis } from "./plotly.js" */

/**
 * Run a painter inside the plot area of one subplot.
 * @param {CanvasRenderingContext2D} context
 * @param {Axis} xa
 * @param {Axis} ya
 * @param {() => void} paint
 */
export function insideSubplot(context, xa, ya, paint) {
  context.save();
  context.translate(xa._offset, ya._offset);
  context.beginPath();
  context.rect(0, 0, xa._length, ya._length);
  context.clip();
  paint();
  context.restore();
}
