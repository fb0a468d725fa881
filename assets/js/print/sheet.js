/** Figures on one sheet, as a file: SVG that is small and alike everywhere, or PNG. */

import { pngWithTexts } from "../lib/png-text.js";
import { portable } from "./portable.js";

/**
 * @import { Figure } from "../contract.js"
 */

/**
 * A figure and where it lies on the sheet, in pixels of the sheet.
 *
 * @typedef {object} Placed
 * @property {Figure} figure with its own width and height
 * @property {number} x
 * @property {number} y
 * @property {number} scale pixels of the sheet per pixel of the figure
 *
 * @typedef {object} Letter
 * @property {string} text
 * @property {number} x
 * @property {number} y of the base line
 * @property {number} size
 * @property {string} colour
 *
 * @typedef {object} Sheet
 * @property {number} width
 * @property {number} height
 * @property {string} background
 * @property {string} family of fonts
 * @property {Placed[]} figures
 * @property {Letter[]} letters
 * @property {object} origin where it comes from
 * @property {Record<string, string>} texts of a PNG
 *
 * @typedef {(figure: Figure, options: object) => Promise<string>} Draw gives an address
 */

const SVG = "http://www.w3.org/2000/svg";
const CM_PX = 96 / 2.54;

/** @param {number} value */
const short = (value) => Math.round(value * 1e4) / 1e4;

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
function part(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/**
 * @param {Draw} draw
 * @param {Sheet} sheet
 * @returns {Promise<SVGElement>}
 */
async function composed(draw, sheet) {
  const { width, height } = sheet;
  const root = part("svg", {
    width: `${short(width / CM_PX)}cm`,
    height: `${short(height / CM_PX)}cm`,
    viewBox: `0 0 ${width} ${height}`,
  });
  const told = part("metadata", {});
  told.textContent = JSON.stringify(sheet.origin);
  root.append(told, part("rect", { width, height, fill: sheet.background }));
  for (const { figure, x, y, scale } of sheet.figures) {
    const address = await draw(figure, {
      format: "svg",
      width: figure.layout.width,
      height: figure.layout.height,
    });
    const text = decodeURIComponent(address.slice(address.indexOf(",") + 1));
    const drawn = await portable(text, sheet.family);
    const place = part("g", { transform: `translate(${x},${y}) scale(${scale})` });
    place.append(...drawn.childNodes);
    root.append(place);
  }
  for (const { text, x, y, size, colour } of sheet.letters) {
    const style = `font-family: ${sheet.family}; font-size: ${size}px; font-weight: bold;`;
    const letter = part("text", { x, y, fill: colour, style });
    letter.textContent = text;
    root.append(letter);
  }
  return root;
}

/** @param {SVGElement} root */
const addressOf = (root) =>
  `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(root))}`;

/**
 * Draw a sheet and give its address: of SVG, or of PNG with texts and its density.
 * @param {Draw} draw
 * @param {Sheet} sheet
 * @param {"svg" | "png"} format
 * @param {number} scale pixels of a PNG per pixel of the sheet
 * @returns {Promise<string>}
 */
export async function sheetImage(draw, sheet, format, scale) {
  const address = addressOf(await composed(draw, sheet));
  if (format === "svg") return address;
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(sheet.width * scale);
  canvas.height = Math.round(sheet.height * scale);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const plain = await new Promise((then) => canvas.toBlob(then));
  const png = pngWithTexts(await plain.arrayBuffer(), sheet.texts, 96 * scale);
  return new Promise((then) => {
    const reader = new FileReader();
    reader.onload = () => then(/** @type {string} */ (reader.result));
    reader.readAsDataURL(png);
  });
}
