/** The stage that is open, for what is pressed anywhere, and for the console. */

import { nearestIndex } from "../lib/numbers.js";

/** @import { Stage } from "./stage.js" */

/** @type {Stage | null} */
let current = null;

/** @returns {Stage | null} null on pages without a playhead, and until it is ready */
export const currentStage = () => current;

/**
 * Make a stage the one that keys, buttons and `window.grokdash.player` speak to.
 * @param {Stage} stage
 * @param {Record<string, PropertyDescriptor>} [more] further properties of the player
 */
export function openStage(stage, more = {}) {
  current = stage;
  window.grokdash = { player: Object.defineProperties(playerOf(stage), more) };
}

/** @param {Stage} stage */
export function closeStage(stage) {
  if (current !== stage) return;
  current = null;
  window.grokdash = {};
}

/**
 * The player as the documentation describes it.
 * @param {Stage} stage
 */
function playerOf(stage) {
  const { playhead, playback } = stage;
  return {
    /** How many places the slider has. */
    get length() {
      return stage.steps.length;
    },
    /** The place asked for. */
    get want() {
      return playhead.want;
    },
    /** The place on screen; −1 before the first. */
    get drawn() {
      return playhead.drawn;
    },
    /** The epoch on screen, or what the slider of a comparison counts. */
    get epoch() {
      return stage.steps[playhead.drawn];
    },
    get playing() {
      return playhead.playing;
    },
    get steps() {
      return stage.steps;
    },
    get selection() {
      return { ...stage.selection };
    },
    /** Whether every panel on screen shows an exact figure. */
    get settled() {
      return stage.settled;
    },
    /** Where what is shown comes from: run, title, configuration, epoch, selection. */
    get about() {
      return stage.about();
    },
    /** Frames in memory, per view. */
    get loaded() {
      return stage.frames.loaded;
    },
    /** @param {number} place */
    seek: (place) => playhead.seek(place, "api"),
    /** @param {number} epoch */
    seekEpoch: (epoch) => playhead.seek(nearestIndex(stage.steps, epoch), "api"),
    play: () => playback.play(),
    pause: () => playback.pause(),
    /** @param {Record<string, any>} changes */
    select: (changes) => stage.select(changes),
    /** @param {(step: number, place: number) => void} listener called at every drawing */
    onDraw: (listener) => stage.on("drawn", listener),
    perf: playhead.perf,
  };
}
