/** Painting within the plot area of one subplot. */

/**
 * @import { Axis } from "./plotly.js"
 *
 * @typedef {{ xa: Pick<Axis, "_offset" | "_length">, ya: Pick<Axis, "_offset" | "_length"> }} Plot
 */

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

/**
 * The upper left corner of a plot area, in whole pixels of the device.
 * @param {Plot} plot
 * @param {number} ratio pixels of the device per pixel of the page
 */
const cornerOf = ({ xa, ya }, ratio) => [xa, ya].map(({ _offset }) => Math.floor(_offset * ratio));

/**
 * Paint a plot area on a canvas that is not on the page, pixel by pixel as it lies there.
 * @param {Plot} plot
 * @param {number} ratio pixels of the device per pixel of the page
 * @param {(context: CanvasRenderingContext2D) => void} paint in pixels of the figure
 * @param {HTMLCanvasElement} [canvas] one that may be painted over
 */
export function asideOf({ xa, ya }, ratio, paint, canvas = document.createElement("canvas")) {
  const [left, top] = cornerOf({ xa, ya }, ratio);
  canvas.width = Math.max(1, Math.ceil((xa._offset + xa._length) * ratio) - left);
  canvas.height = Math.max(1, Math.ceil((ya._offset + ya._length) * ratio) - top);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(ratio, 0, 0, ratio, -left, -top);
  paint(context);
  return canvas;
}

/**
 * @param {CanvasRenderingContext2D} context of the figure
 * @param {HTMLCanvasElement} aside its plot area
 * @param {Plot} plot
 */
export function layOver(context, aside, plot) {
  const [left, top] = cornerOf(plot, context.getTransform().a);
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.drawImage(aside, left, top);
  context.restore();
}
