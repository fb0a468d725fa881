/* Colour scales of Plotly as look-up tables for canvases. */
(function (g) {
  "use strict";

  const SIZE = 1024;
  const probe = document.createElement("canvas").getContext("2d", {
    willReadFrequently: true,
  });
  const parsed = new Map();
  const tables = new Map();

  /** Any CSS colour as [red, green, blue, alpha], each 0 … 255. */
  g.parseColour = function (text) {
    let rgba = parsed.get(text);
    if (!rgba) {
      probe.canvas.width = probe.canvas.height = 1;
      probe.fillStyle = "#000";
      probe.fillStyle = text;
      probe.fillRect(0, 0, 1, 1);
      rgba = Array.from(probe.getImageData(0, 0, 1, 1).data);
      parsed.set(text, rgba);
    }
    return rgba;
  };

  /** A scale [[0, colour], …, [1, colour]] as packed little-endian RGBA numbers. */
  g.colourTable = function (scale, reversed) {
    const key = JSON.stringify(scale) + (reversed ? "r" : "");
    const known = tables.get(key);
    if (known) return known;
    const stops = scale.map(([at, colour]) => [Number(at), g.parseColour(colour)]);
    const table = new Uint32Array(SIZE);
    let stop = 0;
    for (let i = 0; i < SIZE; i++) {
      const t = i / (SIZE - 1);
      while (stop < stops.length - 2 && t > stops[stop + 1][0]) stop++;
      const [from, a] = stops[stop];
      const [to, b] = stops[Math.min(stop + 1, stops.length - 1)];
      const part = to > from ? g.clamp((t - from) / (to - from), 0, 1) : 0;
      const mix = (channel) => Math.round(a[channel] + part * (b[channel] - a[channel]));
      const at = reversed ? SIZE - 1 - i : i;
      table[at] = (255 << 24) | (mix(2) << 16) | (mix(1) << 8) | mix(0);
    }
    tables.set(key, table);
    return table;
  };

  g.tableIndex = function (value, low, high) {
    const t = high > low ? (value - low) / (high - low) : 0.5;
    return t <= 0 ? 0 : t >= 1 ? SIZE - 1 : Math.round(t * (SIZE - 1));
  };

  g.cssFromTable = function (table, index) {
    const packed = table[index];
    return `rgb(${packed & 255},${(packed >> 8) & 255},${(packed >> 16) & 255})`;
  };
})((window.grokdash = window.grokdash || {}));
