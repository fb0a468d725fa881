/**
 * A drawn figure as still pictures: what lies under its data, the data, and the text over
 * it. Frames are painted between the first and the last, as on a page.
 */

import { figureImage, isFlat } from "../canvas/plotly.js";

/**
 * @typedef {object} Layers
 * @property {HTMLCanvasElement} under axes and grids; where they are not apart, everything
 * @property {HTMLCanvasElement} full the same with the data
 * @property {HTMLCanvasElement | null} over text, legends and colour bars
 */

/**
 * @param {PlotElement} gd
 * @param {number} ratio pixels of the pictures per pixel of the figure
 * @param {object} [how]
 * @param {boolean} [how.apart] whether axes are needed without data
 * @param {boolean} [how.moving] whether notes of the figure are about another epoch soon
 * @returns {Promise<Layers>}
 */
export async function layersOf(gd, ratio, { apart = false, moving = false } = {}) {
  const { width, height } = gd._fullLayout;
  const size = { width, height, ratio };
  if (!isFlat(gd)) {
    const image = await figureImage(gd, { format: "png", width, height, scale: ratio });
    const whole = await raster(image, size);
    return { under: whole, full: whole, over: null };
  }
  const [data, ...text] = gd.querySelectorAll(".svg-container > svg.main-svg");
  const shared = data.querySelector("defs"); // gradients of colour bars, among others
  const [full, over] = await Promise.all([
    raster(addressOf([data], moving), size),
    raster(addressOf(shared ? [shared, ...text] : text, moving), size),
  ]);
  const under = apart ? await raster(addressOf([data], moving, ".mlayer"), size) : full;
  return { under, full, over };
}

/**
 * Drawn SVGs as one picture.
 * @param {Element[]} drawn
 * @param {boolean} moving whether notes are dimmed, as they are while scrubbing
 * @param {string} [without] what is left out
 */
function addressOf(drawn, moving, without) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const one of drawn) svg.append(one.cloneNode(true));
  if (without) for (const one of svg.querySelectorAll(without)) one.remove();
  if (moving) {
    for (const one of svg.querySelectorAll(".annotation, .ytick"))
      one.setAttribute("style", "opacity: 0.35");
  }
  for (const name of ["width", "height"])
    svg.setAttribute(name, drawn.at(-1)?.getAttribute(name) || "1");
  const text = new XMLSerializer().serializeToString(svg);
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
}

/**
 * A picture painted once: a vector one costs as much at every look at it.
 * @param {string} address
 * @param {{ width: number, height: number, ratio: number }} size
 */
async function raster(address, { width, height, ratio }) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}
