/** One canvas on which a picture of a film is put together: what, when, all its cells. */

import { cssColour } from "../lib/theme.js";
import { EDGE, HEADER } from "./boxes.js";

/**
 * @import { Box } from "./boxes.js"
 * @import { FilmCell } from "./cell.js"
 *
 * @typedef {object} SheetLook
 * @property {number} width of the film, in its own pixels
 * @property {number} height
 * @property {number} ratio of them per pixel of the layout
 * @property {string} title
 * @property {string} origin what is said quietly beside it
 * @property {string} widest the longest label, for which there is room in every picture
 *
 * @typedef {{ box: Box, text: string }} Named where a run is named, and how
 */

export class FilmSheet {
  canvas = document.createElement("canvas");

  /**
   * @param {SheetLook} look
   * @param {FilmCell[]} cells
   */
  constructor(look, cells) {
    this.look = look;
    this.cells = cells;
    this.canvas.width = look.width;
    this.canvas.height = look.height;
    const context = this.canvas.getContext("2d", { alpha: false });
    this.context = /** @type {CanvasRenderingContext2D} */ (context);
  }

  /**
   * Paint everything as it stands.
   * @param {string} label the epoch
   * @param {Named[]} [names]
   */
  paint(label, names = []) {
    const { context, look } = this;
    context.setTransform(look.ratio, 0, 0, look.ratio, 0, 0);
    context.fillStyle = cssColour("--gd-surface");
    context.fillRect(0, 0, look.width / look.ratio, look.height / look.ratio);
    for (const { box, text } of names) this.name(box, text);
    for (const cell of this.cells) cell.paint(context);
    this.head(label);
  }

  /** @param {string} label */
  head(label) {
    const { context, look } = this;
    const middle = HEADER / 2;
    const width = look.width / look.ratio - 2 * EDGE;
    context.textBaseline = "middle";
    context.textAlign = "right";
    context.fillStyle = cssColour("--gd-text");
    context.font = `600 22px ${cssColour("--gd-font")}`;
    const when = context.measureText(look.widest).width;
    context.fillText(label, EDGE + width, middle);
    const room = width - when - 3 * EDGE;
    context.textAlign = "left";
    context.font = `600 16px ${cssColour("--gd-font")}`;
    const what = Math.min(context.measureText(look.title).width, room);
    context.fillText(look.title, EDGE + 4, middle, room);
    if (room - what < 80) return;
    context.fillStyle = cssColour("--gd-quiet");
    context.font = `11px ${cssColour("--gd-font")}`;
    context.fillText(look.origin, EDGE + what + 18, middle + 2, room - what - 18);
  }

  /**
   * @param {Box} box
   * @param {string} text
   */
  name({ x, y, width, height }, text) {
    const { context } = this;
    context.textBaseline = "middle";
    context.textAlign = "left";
    context.fillStyle = cssColour("--gd-text");
    context.font = `600 14px ${cssColour("--gd-font")}`;
    context.fillText(text, x + 4, y + height / 2, width - 8);
  }

  close() {
    for (const cell of this.cells) cell.close();
  }
}
