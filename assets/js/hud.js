/* Numbers for a useful report of slowness: open a page with ?perf=1. */
(function (g) {
  "use strict";

  function quantile(values, q) {
    if (!values.length) return NaN;
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
  }
  g.quantile = quantile;

  (g.PARTS = g.PARTS || []).push(function (session) {
    const { perf } = session.playhead;
    perf.summary = () => ({
      tickMedian: quantile(perf.ticks, 0.5),
      tickP95: quantile(perf.ticks, 0.95),
      latencyMedian: quantile(perf.latencies, 0.5),
      latencyP95: quantile(perf.latencies, 0.95),
      fps: perf.fps,
      worst: perf.worst,
      cacheMB: session.prefetcher.bytes / 2 ** 20,
    });
    if (new URLSearchParams(window.location.search).get("perf") !== "1") return;
    const box = g.el("output", { class: "hud", id: "hud", "aria-hidden": "true" });
    document.body.append(box);
    const timer = setInterval(() => {
      const now = perf.summary();
      g.setText(
        box,
        `tick ${now.tickMedian.toFixed(1)} / p95 ${now.tickP95.toFixed(1)} ms · ` +
          `asked→drawn ${now.latencyMedian.toFixed(1)} / ${now.latencyP95.toFixed(1)} ms · ` +
          `${now.fps} frames/s · ${now.cacheMB.toFixed(1)} MB`,
      );
    }, 500);
    session.signal.addEventListener("abort", () => {
      clearInterval(timer);
      box.remove();
    });
  });
})((window.grokdash = window.grokdash || {}));
