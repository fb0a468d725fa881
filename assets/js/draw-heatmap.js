/* Heat maps on a canvas: one look-up per cell, one scaled image per trace. */
(function (g) {
  "use strict";

  function scratch(cache, width, height) {
    if (!cache.canvas || cache.canvas.width !== width || cache.canvas.height !== height) {
      cache.canvas = document.createElement("canvas");
      cache.canvas.width = width;
      cache.canvas.height = height;
      cache.context = cache.canvas.getContext("2d");
      cache.image = cache.context.createImageData(width, height);
      cache.pixels = new Uint32Array(cache.image.data.buffer);
    }
    return cache;
  }

  function range(trace, array, perFrame, moved) {
    if (moved) return moved;
    const source = trace._coloraxis || trace;
    const low = source.zmin ?? source.cmin;
    const high = source.zmax ?? source.cmax;
    if (!perFrame) return [low, high];
    const symmetric = Math.abs(low + high) <= 1e-6 * Math.abs(high - low);
    const bound = Math.max(Math.abs(array.lo), Math.abs(array.hi));
    return symmetric ? [-bound, bound] : [array.lo, array.hi];
  }

  function paintBytes(pixels, array, table, low, high) {
    const lookup = new Uint32Array(256);
    const unit = (array.hi - array.lo) / g.QUANTUM_LEVELS;
    for (let q = 0; q < g.QUANTUM_MISSING; q++) {
      lookup[q] = table[g.tableIndex(array.lo + q * unit, low, high)];
    }
    const data = array.data;
    for (let i = 0; i < data.length; i++) pixels[i] = lookup[data[i]];
  }

  function paintFloats(pixels, array, table, low, high) {
    const data = array.data;
    for (let i = 0; i < data.length; i++) {
      const value = data[i];
      pixels[i] = value === value ? table[g.tableIndex(value, low, high)] : 0;
    }
  }

  /** Pixel positions of the two outer edges of a heat map along one axis. */
  function edges(axis, positions, count) {
    const first = axis.c2p(positions[0], true);
    const last = axis.c2p(positions[positions.length - 1], true);
    if (positions.length > count) return [first, last];
    const half = count > 1 ? (last - first) / (2 * (count - 1)) : 0.5;
    return [first - half, last + half];
  }

  /** Leave the room between cells free that Plotly leaves. */
  function cutGaps(context, trace, { left, right, top, bottom, width, height }) {
    const { xgap = 0, ygap = 0 } = trace;
    const [x, w] = [Math.min(left, right), Math.abs(right - left)];
    const [y, h] = [Math.min(top, bottom), Math.abs(top - bottom)];
    for (let i = 0; xgap && i <= width; i++) {
      context.clearRect(x + (i * w) / width - xgap / 2, y, xgap, h);
    }
    for (let j = 0; ygap && j <= height; j++) {
      context.clearRect(x, y + (j * h) / height - ygap / 2, w, ygap);
    }
  }

  /** Write the numbers into the cells, dark on light and light on dark. */
  function writeCells(context, trace, array, pixels, cells) {
    const digits = /^%\{z:\.(\d)f\}$/.exec(trace.texttemplate);
    if (!digits) return;
    const { left, right, top, bottom, width, height } = cells;
    const values = g.frameValues(array);
    const font = trace.textfont || {};
    context.font = `${font.size || 11}px ${font.family || "sans-serif"}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i])) continue;
      const [row, column] = [Math.floor(i / width), i % width];
      const packed = pixels[i];
      const light =
        0.299 * (packed & 255) + 0.587 * ((packed >> 8) & 255) + 0.114 * ((packed >> 16) & 255);
      context.fillStyle = light < 128 ? "#fff" : "#444";
      const x = left + ((column + 0.5) * (right - left)) / width;
      const y = bottom + ((row + 0.5) * (top - bottom)) / height;
      context.fillText(values[i].toFixed(Number(digits[1])), x, y);
    }
  }

  g.drawHeatmap = function (context, job) {
    const { trace, calc, xa, ya, cache, perFrame } = job;
    const array = job.arrays.z;
    if (!array || array.shape.length < 2) return;
    const [height, width] = array.shape;
    const table = g.colourTable(
      (trace._coloraxis || trace).colorscale,
      (trace._coloraxis || trace).reversescale,
    );
    const [low, high] = range(trace, array, perFrame, job.range);
    const buffer = scratch(cache, width, height);
    if (array.dtype === "u1") paintBytes(buffer.pixels, array, table, low, high);
    else paintFloats(buffer.pixels, array, table, low, high);
    buffer.context.putImageData(buffer.image, 0, 0);
    const [left, right] = edges(xa, calc[0].x, width);
    const [bottom, top] = edges(ya, calc[0].y, height);
    context.imageSmoothingEnabled = false;
    context.save();
    context.translate(left, bottom);
    context.scale((right - left) / width, (top - bottom) / height);
    context.drawImage(buffer.canvas, 0, 0);
    context.restore();
    const cells = { left, right, top, bottom, width, height };
    if (trace.xgap || trace.ygap) cutGaps(context, trace, cells);
    if (trace.texttemplate) writeCells(context, trace, array, buffer.pixels, cells);
  };
})((window.grokdash = window.grokdash || {}));
