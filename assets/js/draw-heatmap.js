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

  function range(trace, array, perFrame) {
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

  g.drawHeatmap = function (context, job) {
    const { trace, calc, xa, ya, cache, perFrame } = job;
    const array = job.arrays.z;
    if (!array || array.shape.length < 2) return;
    const [height, width] = array.shape;
    const table = g.colourTable(
      (trace._coloraxis || trace).colorscale,
      (trace._coloraxis || trace).reversescale,
    );
    const [low, high] = range(trace, array, perFrame);
    const buffer = scratch(cache, width, height);
    if (array.dtype === "u1") paintBytes(buffer.pixels, array, table, low, high);
    else paintFloats(buffer.pixels, array, table, low, high);
    buffer.context.putImageData(buffer.image, 0, 0);
    const [left, right] = edges(xa, calc[0].x, width);
    const [bottom, top] = edges(ya, calc[0].y, height);
    context.imageSmoothingEnabled = false;
    context.translate(left, bottom);
    context.scale((right - left) / width, (top - bottom) / height);
    context.drawImage(buffer.canvas, 0, 0);
  };
})((window.grokdash = window.grokdash || {}));
