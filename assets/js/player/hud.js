/** Numbers for a useful report of slowness: open a page with ?perf=1. */

import { el, setText } from "../lib/dom.js";
import { quantile } from "../lib/numbers.js";

/** @import { Stage } from "./stage.js" */

const EVERY_MS = 500;

/** @param {Stage} stage */
export function measureSpeed(stage) {
  const { perf } = stage.playhead;
  const summary = () => ({
    tickMedian: quantile(perf.ticks, 0.5),
    tickP95: quantile(perf.ticks, 0.95),
    latencyMedian: quantile(perf.latencies, 0.5),
    latencyP95: quantile(perf.latencies, 0.95),
    fps: perf.fps,
    worst: perf.worst,
    cacheMB: stage.frames.bytes / 2 ** 20,
  });
  Object.assign(perf, { summary });
  if (new URLSearchParams(window.location.search).get("perf") !== "1") return;
  const box = el("output", { class: "hud", id: "hud", "aria-hidden": "true" });
  document.body.append(box);
  const timer = setInterval(() => {
    const now = summary();
    setText(
      box,
      `tick ${now.tickMedian.toFixed(1)} / p95 ${now.tickP95.toFixed(1)} ms · ` +
        `asked→drawn ${now.latencyMedian.toFixed(1)} / ${now.latencyP95.toFixed(1)} ms · ` +
        `${now.fps} frames/s · ${now.cacheMB.toFixed(1)} MB`,
    );
  }, EVERY_MS);
  stage.signal.addEventListener("abort", () => {
    clearInterval(timer);
    box.remove();
  });
}
