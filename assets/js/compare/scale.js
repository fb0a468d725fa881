/** What the scrub bar of a comparison says: epochs, shares of training or grok times. */

import { formatEpoch } from "../lib/numbers.js";
import { currentTheme } from "../lib/theme.js";

/**
 * @import { Scale } from "../player/timeline.js"
 * @import { Comparison } from "./comparison.js"
 */

/**
 * 1200 → "1,200"; with decimals, 43.25 → "43.3".
 * @param {number} coordinate
 * @param {number} decimals
 */
export const coordinateWords = (coordinate, decimals) =>
  decimals ? coordinate.toFixed(decimals) : formatEpoch(Math.round(coordinate));

/**
 * @param {Comparison} comparison
 * @returns {Scale}
 */
export function comparisonScale(comparison) {
  const unit = () => comparison.unit;
  const words = (/** @type {number} */ coordinate) =>
    coordinateWords(coordinate, comparison.decimals);
  return {
    words,
    spread: () => comparison.selection.x,
    asked: (coordinate) => `${words(coordinate)} ${unit()}`,
    misfits: () => comparison.manifest.misfits,
    total: unit,
    thumb: "Place in training",
    value: (coordinate) => `${words(coordinate)} ${unit()}`,
    announcement: (coordinate) => {
      const place = comparison.stage.playhead.shown;
      const epochs = comparison.slots.map((slot) => `${slot.letter} epoch ${slot.stepAt(place)}`);
      return `${words(coordinate)} ${unit()}: ${epochs.join(", ")}`;
    },
    spans: () => [],
    marks: () =>
      comparison.grokked.map(({ slot, grok, coordinate }) => ({
        step: coordinate,
        title: `${slot.letter} grokked at epoch ${formatEpoch(grok)}`,
        colour: slot.colours[currentTheme()],
      })),
  };
}
