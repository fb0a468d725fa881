/** Markers of points on a canvas: those that follow each other in one colour are one path. */

import { frameValues } from "../frames/blocks.js";
import { markerColours } from "./colours.js";

/** @import { PaintJob } from "./overlay.js" */

/** @typedef {CanvasRenderingContext2D} Context */

/** Colours through which nothing shines, as figures and scales write them. */
const OPAQUE = /^(?:#(?:[0-9a-f]{3}){1,2}$|rgb\()/i;

/**
 * Add a marker to the path, clockwise, so that those that overlap leave no hole.
 * @param {Context} context
 * @param {string} symbol
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
function markerPath(context, symbol, x, y, radius) {
  if (symbol.startsWith("square")) {
    context.rect(x - radius, y - radius, 2 * radius, 2 * radius);
  } else if (symbol.startsWith("diamond")) {
    const reach = radius * 1.3;
    context.moveTo(x, y - reach);
    context.lineTo(x + reach, y);
    context.lineTo(x, y + reach);
    context.lineTo(x - reach, y);
    context.closePath();
  } else if (symbol.startsWith("triangle")) {
    context.moveTo(x, y - radius);
    context.lineTo(x + radius, y + radius);
    context.lineTo(x - radius, y + radius);
    context.closePath();
  } else {
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
  }
}

/**
 * Diameters and symbols of the markers, by the index of a point.
 * @param {PaintJob} job
 * @returns {{ size: (point: number) => number, symbol: (point: number) => string }}
 */
function markerShapes({ trace, arrays }) {
  const { size = 6, symbol = "circle" } = trace.marker || {};
  const changed = arrays["marker.size"];
  const sizes = changed ? frameValues(changed) : size;
  return {
    size: typeof sizes === "number" ? () => sizes : (j) => sizes[j],
    symbol: Array.isArray(symbol) ? (j) => String(symbol[j]) : () => String(symbol),
  };
}

/** A path that takes markers for as long as it does not matter which lies over which. */
class Fill {
  colour = "";

  /**
   * @param {Context} context
   * @param {boolean} alone whether every marker is seen through or has an edge
   */
  constructor(context, alone) {
    this.context = context;
    this.alone = alone;
  }

  /**
   * Begin anew unless a marker of this colour may join.
   * @param {string} colour
   */
  take(colour) {
    if (colour === this.colour && !this.alone && OPAQUE.test(colour)) return;
    this.end();
    this.colour = colour;
    this.context.beginPath();
  }

  end() {
    if (!this.colour) return;
    this.context.fillStyle = this.colour;
    this.context.fill();
    this.colour = "";
  }
}

/**
 * @param {Context} context
 * @param {PaintJob} job
 * @param {Float64Array} points pixel positions x, y, x, y, …
 */
export function fillMarkers(context, job, points) {
  const { opacity, line: outline = {} } = job.trace.marker || {};
  const colours = markerColours(job);
  const shapes = markerShapes(job);
  const edge = typeof outline.width === "number" ? outline.width : 0;
  const edgeColour = typeof outline.color === "string" ? outline.color : "#888";
  context.globalAlpha *= typeof opacity === "number" ? opacity : 1;
  context.lineWidth = edge || 1;
  const fill = new Fill(context, edge > 0 || context.globalAlpha < 1);
  for (let j = 0; 2 * j < points.length; j++) {
    const x = points[2 * j];
    const y = points[2 * j + 1];
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    const symbol = shapes.symbol(j);
    const open = symbol.includes("open");
    const colour = colours(j);
    if (open) {
      fill.end();
      context.beginPath();
    } else fill.take(colour);
    markerPath(context, symbol, x, y, shapes.size(j) / 2);
    if (!open && !edge) continue;
    fill.end();
    context.strokeStyle = open ? colour : edgeColour;
    context.stroke();
  }
  fill.end();
}
