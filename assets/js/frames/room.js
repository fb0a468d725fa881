/** Room in memory for frames: which of them stay when not all can. */

/** @import { FrameStore } from "./store.js" */

/** Frames that are multiples of this are the coarse grid: the first to come. */
export const COARSE = 16;
/** Of the coarse grid, frames stay in memory from so much further away. */
export const KEPT_LONGER = 8;
/** At most so many frames are passed over for one that is held. */
const THINNEST = 64;
/** Share of the budget that is left filled, so that room need not be made all the time. */
const FILLED = 0.85;

/**
 * Keep frames within a budget. What is out of sight goes; of the largest that is seen,
 * frames at even distances stay, so that playing need not wait for the others; and if
 * that is not enough, what is furthest from the playhead goes.
 * @param {FrameStore[]} stores
 * @param {Set<string>} inSight ids of the views that are on the screen
 * @param {number} want the wanted index
 * @param {number} budget bytes
 * @returns {number} how far from the wanted index frames are kept; Infinity if everywhere
 */
export function makeRoom(stores, inSight, want, budget) {
  if (bytesOf(stores) <= budget) return Infinity;
  const room = FILLED * budget;
  const seen = stores.filter(({ view }) => inSight.has(view.id));
  const others = stores.filter((store) => !seen.includes(store));
  const expected = bytesOf(seen.map(whole));
  for (const store of others) if (expected + bytesOf(others) > room) store.forget();
  thin(seen, room);
  return bytesOf(stores) > budget ? dropFar(stores, want, room) : Infinity;
}

/**
 * What a store comes to once all that it is to hold is there.
 * @param {FrameStore} store
 */
const whole = (store) => ({ store, stride: store.stride, bytes: store.expected });

/** @param {{ readonly bytes: number }[]} stores */
const bytesOf = (stores) => stores.reduce((sum, { bytes }) => sum + bytes, 0);

/**
 * Thin the largest until all that is to be held fits; nothing if it never would.
 * @param {FrameStore[]} stores
 * @param {number} room bytes
 */
function thin(stores, room) {
  const planned = stores.map(whole);
  while (bytesOf(planned) > room) {
    const left = planned.filter(({ stride }) => stride < THINNEST);
    if (!left.length) return;
    const largest = left.reduce((a, b) => (b.bytes > a.bytes ? b : a));
    largest.stride *= 2;
    largest.bytes /= 2;
  }
  for (const { store, stride } of planned) if (stride > store.stride) store.thin(stride);
}

/**
 * @param {FrameStore[]} stores
 * @param {number} want
 * @param {number} room bytes
 * @returns {number} the distance of the last frame that went
 */
function dropFar(stores, want, room) {
  let bytes = bytesOf(stores);
  let kept = Infinity;
  const held = stores.flatMap((store) =>
    store
      .held()
      .map((i) => ({ store, i, distance: Math.abs(i - want) / (i % COARSE ? 1 : KEPT_LONGER) })),
  );
  held.sort((a, b) => b.distance - a.distance);
  for (const { store, i, distance } of held) {
    if (bytes <= room) break;
    bytes -= store.drop(i);
    kept = Math.min(kept, distance);
  }
  return kept;
}
