/** Runs of a comparison that are still training grow on screen, all on one timeline. */

import { isAbort, onServerBack } from "../lib/net.js";
import { notify } from "../lib/toast.js";
import { Follower } from "../player/follower.js";

/**
 * @import { Live } from "../contract.js"
 * @import { Comparison } from "./comparison.js"
 * @import { Slot } from "./slot.js"
 */

const POLL_MS = 1500;

class Growth {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer = undefined;

  /** @param {Comparison} comparison */
  constructor(comparison) {
    this.comparison = comparison;
    this.stage = comparison.stage;
    const { stage } = this;
    this.follower = new Follower(stage, {
      running: () => this.growing.length > 0,
      underHand: () => Boolean(comparison.timeline?.underHand),
    });
    const atEnd = () => stage.playhead.kept === stage.steps.length - 1;
    stage.on("ready", () => this.follower.set(atEnd()));
    onServerBack(() => this.poll(0), stage.signal);
    stage.signal.addEventListener("abort", () => clearTimeout(this.timer));
    this.follower.show();
    this.poll();
  }

  get growing() {
    return this.comparison.slots.filter((slot) => slot.reader.running);
  }

  poll(delay = POLL_MS) {
    clearTimeout(this.timer);
    if (this.stage.closed || !this.growing.length) return;
    this.timer = setTimeout(() => this.look(), delay);
  }

  async look() {
    try {
      const { signal } = this.stage;
      const asked = this.growing.map(async ({ reader }, i, slots) => {
        const { fingerprint, source, steps } = reader;
        return take(slots[i], await source.live(steps.length, fingerprint, signal));
      });
      const found = await Promise.all(asked);
      if (found.includes("rewritten")) this.stage.emit("rewritten");
      else if (found.includes("grown")) await this.grow();
    } catch (error) {
      if (isAbort(error)) return;
    }
    this.poll();
  }

  /** One line for what is there now; the playhead stays where it is, or goes along. */
  async grow() {
    const { comparison, stage } = this;
    const { playhead } = stage;
    const here = stage.steps[playhead.kept];
    await comparison.fetchLine();
    if (stage.closed) return;
    comparison.showLine();
    stage.emit("grown");
    if (this.follower.following) this.follower.toEnd();
    else playhead.follow(comparison.placeOf(here));
    this.follower.set(this.follower.following);
    stage.refresh(60);
    stage.frames.pump();
  }
}

/**
 * @param {Slot} slot
 * @param {Live} answer what has come since
 * @returns {"same" | "grown" | "rewritten"}
 */
function take({ letter, reader }, { steps: fresh, ...news }) {
  const { manifest, steps } = reader;
  if (news.fingerprint !== reader.fingerprint) return "rewritten";
  const changed = news.status.state !== manifest.status.state;
  const last = steps[steps.length - 1] ?? -1;
  steps.push(...fresh.filter((step) => step > last));
  Object.assign(manifest, news);
  if (!fresh.length && !changed) return "same";
  reader.prefetcher.grow();
  const { label, message } = news.status;
  if (changed) notify(`${letter} is ${label}${message ? `: ${message}` : "."}`);
  return "grown";
}

/** @param {Comparison} comparison */
export const followRuns = (comparison) => {
  new Growth(comparison);
};
