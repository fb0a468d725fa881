/** Which place to draw while frames of the wanted one may still be coming. */

/** @import { PlacedFrames } from "./stage.js" */

/** Share of all places within which another one may stand for the wanted one. */
const NEAR = 0.05;

/**
 * The place to draw: the wanted one if every panel has it; else one close by that every
 * panel has, so that all panels and the label agree; else the wanted one, each panel then
 * saying which epoch it really shows.
 *
 * @param {PlacedFrames[]} stores
 * @param {number} want
 * @param {number} drawn −1 before the first
 * @param {number} length of the slider
 */
export function chooseDrawn(stores, want, drawn, length) {
  if (!stores.length || stores.every((store) => store.settled(want))) return want;
  const reach = Math.max(4, Math.round(NEAR * length));
  for (let d = 1; d <= reach; d++) {
    for (const place of [want - d, want + d]) {
      if (place < 0 || place >= length) continue;
      if (stores.every((store) => store.has(place))) return place;
    }
  }
  return drawn < 0 || stores.some((store) => store.loaded) ? want : drawn;
}
