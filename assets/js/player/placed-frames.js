/** The frames of one or several runs as a stage speaks to them. */

/**
 * @import { Prefetcher } from "../frames/prefetch.js"
 * @import { Frames, PlacedFrames } from "./stage.js"
 */

/**
 * @param {Prefetcher[]} prefetchers
 * @param {() => PlacedFrames[]} active
 * @returns {Frames}
 */
export function framesOf(prefetchers, active) {
  return {
    active,
    begin() {
      for (const one of prefetchers) one.begin();
    },
    pump() {
      for (const one of prefetchers) one.pump();
    },
    pause(milliseconds) {
      for (const one of prefetchers) one.pause(milliseconds);
    },
    get bytes() {
      return prefetchers.reduce((sum, one) => sum + one.bytes, 0);
    },
    get loaded() {
      return prefetchers.flatMap((one) => [...one.stores.values()].map((store) => store.loaded));
    },
  };
}
