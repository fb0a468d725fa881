/**
 * One picture of a film. It is drawn by what draws the panels of a page, out of sight and
 * in the size of the film, and painted from there.
 */

import { removeFigure, subplots } from "../canvas/plotly.js";
import { el } from "../lib/dom.js";
import { cssColour } from "../lib/theme.js";
import { Picture } from "../panel/picture.js";
import { layersOf } from "./layers.js";

/**
 * @import { Figure, FigureHead, ViewAbout } from "../contract.js"
 * @import { DrawnFrame } from "../canvas/overlay.js"
 * @import { CursorLine, FrameLook } from "../panel/picture.js"
 * @import { Box } from "./boxes.js"
 * @import { Layers } from "./layers.js"
 *
 * @typedef {object} CellLook
 * @property {string} title
 * @property {Box} box
 * @property {number} ratio pixels of the film per pixel of its layout
 * @property {boolean} [veiled] whether what is to come is faint instead of hidden
 */

const HEAD = 20;
/** How much of a chart shows ahead of its playhead. */
const FAINT = 0.22;
const SWATCH = 22;
/** @type {Record<string, number[]>} */
const DASHES = { dash: [5, 3], dot: [1.5, 2], dashdot: [5, 2, 1.5, 2] };

export class FilmCell {
  /** @type {Layers | null} */
  layers = null;
  /** @type {CursorLine[]} */
  cursors = [];
  /** What is particular about what is shown. */
  note = "";
  /** @type {{ name: string, line: { color?: string, dash?: string } }[]} */
  legend = [];

  /**
   * @param {ViewAbout} view
   * @param {CellLook} look
   */
  constructor(view, { title, box, ratio, veiled = false }) {
    this.view = view;
    this.title = title;
    this.box = box;
    this.ratio = ratio;
    this.veiled = veiled;
    this.body = el(
      "div",
      { class: "panel-body" },
      el("div", { class: "panel-graph" }, el("div", { class: "plot" })),
      el("canvas", { class: "scrub" }),
      el("canvas", { class: "marks" }),
    );
    const badge = el("span", { class: "panel-badge" });
    this.element = el(
      "figure",
      { class: "panel film-cell", "aria-hidden": "true" },
      badge,
      this.body,
      el("figcaption", null),
    );
    this.body.style.width = `${box.width}px`;
    this.body.style.height = `${box.height - HEAD}px`;
    document.body.append(this.element);
    this.picture = new Picture(this.element, view, { ratio });
  }

  /** Whether frames are drawn over its axes. */
  get scrubs() {
    return this.perStep && Object.keys(this.view.scrub).length > 0;
  }

  get perStep() {
    return this.view.reads.includes("step");
  }

  /**
   * Show an exact figure.
   * @param {Figure} figure
   * @param {FigureHead | null} answer
   */
  async plot(figure, answer) {
    if (this.veiled) this.clearHead(figure);
    await this.picture.plot(figure, "", answer);
    const { gd } = this.picture;
    if (!gd) return;
    const apart = this.scrubs || this.view.cursor;
    this.layers = await layersOf(gd, this.ratio, { apart });
    this.noted = this.layers;
    if (!this.view.texts) return;
    this.noted = await layersOf(gd, this.ratio, { apart, moving: true });
  }

  /**
   * The chart above the panels is low: its curves are named beside its title.
   * @param {Figure} figure
   */
  clearHead({ data, layout }) {
    layout.showlegend = false;
    layout.margin = { ...layout.margin, t: 6 };
    const named = data.filter((trace) => trace.name && trace.showlegend !== false);
    this.legend = named.map(({ name, line }) => ({ name, line: line || {} }));
  }

  /**
   * Show a frame instead.
   * @param {DrawnFrame} frame
   * @param {FrameLook} [how]
   */
  draw(frame, how) {
    this.picture.drawFrame(frame, how);
  }

  /** @param {CanvasRenderingContext2D} context in pixels of the layout */
  paint(context) {
    const whole = (/** @type {number} */ at) => Math.round(at * this.ratio) / this.ratio;
    const { x, y } = this.box;
    context.save();
    context.translate(whole(x), whole(y));
    this.paintHead(context);
    context.translate(0, whole(y + HEAD) - whole(y));
    if (this.layers) this.paintLayers(context, this.layers);
    context.restore();
  }

  /** @param {CanvasRenderingContext2D} context */
  paintHead(context) {
    const { width } = this.box;
    context.textBaseline = "middle";
    context.textAlign = "left";
    context.fillStyle = cssColour("--gd-text");
    context.font = `600 12.5px ${cssColour("--gd-font")}`;
    context.fillText(this.title, 4, HEAD / 2, width - 8);
    const taken = this.paintLegend(context, context.measureText(this.title).width + 24);
    if (!this.note) return;
    context.textAlign = "right";
    context.fillStyle = cssColour("--gd-quiet");
    context.font = `11px ${cssColour("--gd-font")}`;
    context.fillText(this.note, width - 4, HEAD / 2, Math.max(width - taken, 20));
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} left where there is room
   * @returns {number} where there is room behind it
   */
  paintLegend(context, left) {
    context.font = `11px ${cssColour("--gd-font")}`;
    let at = left;
    for (const { name, line } of this.legend) {
      context.strokeStyle = line.color || cssColour("--gd-text");
      context.lineWidth = 2;
      context.setLineDash(DASHES[line.dash || ""] || []);
      context.beginPath();
      context.moveTo(at, HEAD / 2);
      context.lineTo(at + SWATCH, HEAD / 2);
      context.stroke();
      context.setLineDash([]);
      context.fillStyle = cssColour("--gd-quiet");
      context.fillText(name, at + SWATCH + 5, HEAD / 2);
      at += SWATCH + 21 + context.measureText(name).width;
    }
    return at;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Layers} settled
   */
  paintLayers(context, settled) {
    const { scrubbing, canvas } = this.picture;
    const { under, full, over } = (scrubbing && this.noted) || settled;
    const lay = (/** @type {HTMLCanvasElement | null} */ one) => {
      if (one?.width) context.drawImage(one, 0, 0, one.width / this.ratio, one.height / this.ratio);
    };
    if (scrubbing) {
      lay(under);
      lay(canvas);
    } else if (this.view.cursor && this.cursors.length) {
      lay(under);
      this.reveal(context, () => lay(full));
    } else lay(full);
    lay(over);
    this.paintCursors(context);
  }

  /** Every subplot, and where a value of its x axis lies in it. */
  get places() {
    const { gd } = this.picture;
    if (!gd) return [];
    return subplots(gd).map(({ xa, ya }) => ({
      left: xa._offset,
      top: ya._offset,
      width: xa._length,
      height: ya._length,
      /** @param {number} value */
      at: (value) => xa.c2p(value),
    }));
  }

  /**
   * Paint what has been by the playhead; of what is to come nothing, or faintly.
   * @param {CanvasRenderingContext2D} context
   * @param {() => void} paint
   */
  reveal(context, paint) {
    if (this.veiled) {
      context.globalAlpha = FAINT;
      paint();
      context.globalAlpha = 1;
    }
    context.save();
    context.beginPath();
    for (const { left, top, width, height, at } of this.places) {
      const ends = this.cursors.filter((one) => !one.kept).map((one) => at(one.x));
      const end = Math.max(...ends.filter(Number.isFinite), 0); // log axes have no epoch 0
      context.rect(left - 1, top - 1, Math.min(end, width) + 2, height + 2);
    }
    context.clip();
    paint();
    context.restore();
  }

  /** @param {CanvasRenderingContext2D} context */
  paintCursors(context) {
    if (!this.view.cursor) return;
    for (const { left, top, width, height, at } of this.places) {
      for (const { x, colour } of this.cursors) {
        const place = at(x);
        if (!(place >= -1 && place <= width + 1)) continue;
        context.fillStyle = colour || cssColour("--gd-accent");
        context.fillRect(left + place - 0.75, top, 1.5, height);
      }
    }
  }

  close() {
    removeFigure(this.picture.node);
    this.element.remove();
  }
}
