/* "range: epoch" while scrubbing: colours, axes and their numbers follow the frame.

   A view makes its ranges from the limits of its arrays. The figure on screen tells both
   its limits and its ranges, so that the ranges of another epoch follow from the limits
   of its frame, and settling only confirms them. */
(function (g) {
  "use strict";

  const NEAR = 1e-6;
  const ROOM = 0.25;

  /** Smallest and largest finite number of an array; worked out once. */
  function limitsOf(array) {
    if (array.limits) return array.limits;
    let [low, high] = [Infinity, -Infinity];
    if (array.dtype === "u1") [low, high] = [array.lo, array.hi];
    else {
      for (const value of array.data) {
        if (!Number.isFinite(value)) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    return (array.limits = low <= high ? [low, high] : null);
  }

  function union(a, b) {
    return a && b ? [Math.min(a[0], b[0]), Math.max(a[1], b[1])] : a || b;
  }

  function isSymmetric([low, high]) {
    return low < high && Math.abs(low + high) <= NEAR * (high - low);
  }

  /** Whether an end of a range is an end of the limits, with a little room at most. */
  function fits(end, limit, span) {
    return Math.abs(end - limit) <= ROOM * span;
  }

  /**
   * The range that belongs to the limits now, as `range` belongs to those before; the
   * same range if something else than these limits has made it.
   */
  function moved(range, before, now) {
    const [low, high] = range;
    if (!before || !now || !(low < high)) return range;
    if (isSymmetric(range)) return scaled(range, ...[before, now].map(farthest));
    if (low === 0 && before[0] >= 0) return scaled(range, before[1], now[1]);
    const span = before[1] - before[0];
    if (!(span > 0) || !fits(high, before[1], span)) return range;
    if (high === before[1] && low > before[0]) {
      return [Math.max(now[0], now[1] - (high - low)), now[1]]; // a few decades at most
    }
    const scale = (now[1] - now[0]) / span;
    if (!(scale > 0) || !fits(low, before[0], span)) return range;
    return range.map((end) => now[0] + (end - before[0]) * scale);
  }

  function farthest(pair) {
    return Math.max(...pair.map(Math.abs));
  }

  function scaled([low, high], before, now) {
    if (!(before > 0) || !(now > 0) || !fits(high, before, before)) return [low, high];
    return [(low * now) / before, (high * now) / before];
  }

  /** Per place of the figure, such as "0.z": limits before (of the figure) and now. */
  function placedLimits(panel, frame) {
    const { scrub, fixed } = panel.view;
    const found = {};
    for (const [target, name] of Object.entries(scrub)) {
      const known = panel.answer.limits[name];
      if (fixed.includes(name) || !known) continue;
      const suffix = target.slice(target.indexOf("."));
      const places = target.startsWith("*")
        ? Object.keys(frame.arrays).filter((key) => key.endsWith(suffix))
        : [target].filter((key) => key in frame.arrays);
      let now = null;
      for (const key of places) now = union(now, limitsOf(frame.arrays[key]));
      for (const key of places) found[key] = { before: known, now };
    }
    return found;
  }

  /** An axis as painters use it, with another range. */
  function rangedAxis(axis, [low, high]) {
    const flip = axis._id.startsWith("y");
    const { _id, _length, _offset } = axis;
    const c2p = (value) => {
      const part = (axis.c2l(value) - low) / (high - low);
      return _length * (flip ? 1 - part : part);
    };
    return { _id, _length, _offset, c2p };
  }

  /** Whether the reader has zoomed: the axis then stays where it is. */
  function isZoomed(axis, sent) {
    if (!sent) return true;
    const [low, high] = sent;
    const near = NEAR * Math.abs(high - low);
    return Math.abs(axis.range[0] - low) > near || Math.abs(axis.range[1] - high) > near;
  }

  function logarithmic(pair) {
    return pair && pair[0] > 0 ? pair.map(Math.log10) : null;
  }

  /** Ranges of all axes that the arrays of this frame move, by axis. */
  function axisRanges(panel, placed) {
    const { gd } = panel;
    const limits = new Map();
    const add = (axis, { before, now }) => {
      const known = limits.get(axis) || {};
      limits.set(axis, { before: union(known.before, before), now: union(known.now, now) });
    };
    for (const calc of gd.calcdata) {
      const trace = calc[0] && calc[0].trace;
      const plot = trace && gd._fullLayout._plots[trace.xaxis + trace.yaxis];
      if (!plot) continue;
      const [x, y] = [placed[trace.index + ".x"], placed[trace.index + ".y"]];
      const { xaxis: xa, yaxis: ya } = plot;
      const square = x && y && isSymmetric(xa.range) && isSymmetric(ya.range);
      if (x) add(xa, x);
      if (y) add(ya, y);
      if (square) {
        add(xa, y);
        add(ya, x);
      }
    }
    const ranges = new Map();
    for (const [axis, { before, now }] of limits) {
      if (isZoomed(axis, panel.sentRanges[axis._name])) continue;
      const log = axis.type === "log";
      const pair = log ? [logarithmic(before), logarithmic(now)] : [before, now];
      ranges.set(axis, moved(axis.range.map(Number), ...pair));
    }
    return ranges;
  }

  /** Write numbers so that neighbouring ticks of a range differ, and as short. */
  function writer([low, high], log) {
    if (log) return (value) => minus(Number((10 ** value).toPrecision(2)));
    const decimals = g.clamp(1 - Math.floor(Math.log10((high - low) / 4)), 0, 12);
    return (value) => minus(Number(value.toFixed(decimals)));
  }

  function minus(value) {
    return String(value).replace("-", "−");
  }

  /** Numbers beside the ticks: what a tick stands for once its range has moved. */
  class Ticks {
    constructor() {
      this.originals = new Map();
    }

    rewrite(nodes, from, to, text) {
      for (const node of nodes) {
        const at = node.parentNode.__data__ && node.parentNode.__data__.x;
        if (typeof at !== "number") continue;
        if (!this.originals.has(node)) this.originals.set(node, [...node.childNodes]);
        const part = (at - from[0]) / (from[1] - from[0]);
        g.setText(node, text(to[0] + part * (to[1] - to[0])));
      }
    }

    restore() {
      for (const [node, children] of this.originals) node.replaceChildren(...children);
      this.originals.clear();
    }
  }

  class EpochRanges {
    constructor(panel) {
      this.panel = panel;
      this.ticks = new Ticks();
      this.axes = new Map();
      this.colours = new Map();
    }

    /** Work out the ranges of one frame and write them beside the ticks. */
    follow(frame) {
      const { panel } = this;
      const gd = panel.gd;
      const placed = placedLimits(panel, frame);
      this.axes = axisRanges(panel, placed);
      this.colours = new Map();
      const maps = gd.calcdata
        .map((calc) => calc[0] && calc[0].trace)
        .filter((trace) => trace && trace.type === "heatmap");
      const shared = maps.some((trace) => !placed[trace.index + ".z"]);
      for (const trace of shared ? [] : maps) {
        const limits = placed[trace.index + ".z"];
        const range = moved([trace.zmin, trace.zmax], limits.before, limits.now);
        this.colours.set(trace.index, range);
        if (trace.showscale) this.relabelBar(trace, range);
      }
      for (const [axis, range] of this.axes) this.relabelAxis(axis, range);
      return this;
    }

    relabelBar(trace, range) {
      const selector = `.cb${trace.uid} .cbaxis text`;
      const nodes = this.panel.gd.querySelectorAll(selector);
      this.ticks.rewrite(nodes, [trace.zmin, trace.zmax], range, writer(range));
    }

    relabelAxis(axis, range) {
      const nodes = this.panel.gd.querySelectorAll(`.${axis._id}tick > text`);
      const text = writer(range, axis.type === "log");
      this.ticks.rewrite(nodes, axis.range.map(Number), range, text);
    }

    axis(axis) {
      const range = this.axes.get(axis);
      return range ? rangedAxis(axis, range) : axis;
    }

    colour(trace) {
      return this.colours.get(trace.index);
    }

    end() {
      this.ticks.restore();
    }
  }

  g.EpochRanges = EpochRanges;
})((window.grokdash = window.grokdash || {}));
