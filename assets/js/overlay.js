/* A canvas over one Plotly figure: draws its traces with the arrays of another epoch. */
(function (g) {
  "use strict";

  const PAINTERS = [
    ["heatmap", (context, job) => g.drawHeatmap(context, job)],
    ["bar", (context, job) => g.drawBars(context, job)],
    ["scatter", (context, job) => g.drawScatter(context, job)],
  ];

  /** Fit a canvas to the figure; returns its context, cleared, in CSS pixels. */
  g.clearedCanvas = function (canvas, gd) {
    const layout = gd._fullLayout;
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const width = Math.round(layout.width * ratio);
    const height = Math.round(layout.height * ratio);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      canvas.style.width = layout.width + "px";
      canvas.style.height = layout.height + "px";
    }
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, layout.width, layout.height);
    return context;
  };

  /** Run a painter inside the plot area of one subplot. */
  g.insideSubplot = function (context, xa, ya, paint) {
    context.save();
    context.translate(xa._offset, ya._offset);
    context.beginPath();
    context.rect(0, 0, xa._length, ya._length);
    context.clip();
    paint();
    context.restore();
  };

  g.subplots = function (gd) {
    const plots = (gd._fullLayout && gd._fullLayout._plots) || {};
    return Object.entries(plots).map(([id, plot]) => ({
      id,
      xa: plot.xaxis,
      ya: plot.yaxis,
    }));
  };

  function changedArrays(frame, index) {
    const arrays = {};
    const prefix = index + ".";
    for (const key in frame.arrays) {
      if (key.startsWith(prefix)) arrays[key.slice(prefix.length)] = frame.arrays[key];
    }
    return arrays;
  }

  class Overlay {
    constructor(gd, canvas) {
      this.gd = gd;
      this.canvas = canvas;
      this.caches = [];
    }

    get ready() {
      const gd = this.gd;
      return Boolean(gd._fullLayout && gd._fullLayout._plots && gd.calcdata);
    }

    /**
     * Draw one frame; perFrame lets every heat map use its own range, and ranges say
     * which colours and axes of the figure move along with the frame.
     */
    draw(frame, perFrame, ranges = null) {
      const gd = this.gd;
      const previous = new Map();
      const plots = gd._fullLayout._plots;
      const context = g.clearedCanvas(this.canvas, gd);
      for (const [type, paint] of PAINTERS) {
        for (const calc of gd.calcdata) {
          const trace = calc[0] && calc[0].trace;
          if (!trace || trace.type !== type || trace.visible !== true) continue;
          const plot = plots[trace.xaxis + trace.yaxis];
          if (!plot) continue;
          const arrays = changedArrays(frame, trace.index);
          if (type === "heatmap" && !arrays.z) {
            arrays.z = this.ownMatrix(trace, calc);
          }
          const cache = (this.caches[trace.index] ||= {});
          const xa = ranges ? ranges.axis(plot.xaxis) : plot.xaxis;
          const ya = ranges ? ranges.axis(plot.yaxis) : plot.yaxis;
          const range = ranges ? ranges.colour(trace) : undefined;
          const before = previous.get(plot);
          const job = { trace, calc, xa, ya, arrays, cache, perFrame, range, before };
          g.insideSubplot(context, xa, ya, () => paint(context, job));
          if (type === "scatter") previous.set(plot, cache.points);
        }
      }
    }

    /** The matrix Plotly shows, for heat maps that do not change while scrubbing. */
    ownMatrix(trace, calc) {
      const rows = calc[0].z;
      const shape = [rows.length, rows[0].length];
      const data = Float32Array.from(rows.flatMap((row) => Array.from(row, Number)));
      return { dtype: "f4", shape, data, lo: trace.zmin, hi: trace.zmax };
    }

    clear() {
      if (this.ready) g.clearedCanvas(this.canvas, this.gd);
    }
  }

  g.Overlay = Overlay;
})((window.grokdash = window.grokdash || {}));
