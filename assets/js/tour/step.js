/** One step of the tour while it is open: its address, and what is kept of it. */

import { queryString, readQuery, replaceQuery } from "../lib/address.js";
import { byId } from "../lib/dom.js";
import { remember } from "../lib/storage.js";
import { listenToPlaces } from "./places.js";
import { drawWaves } from "./waves.js";

/**
 * @import { Manifest, TourConfig } from "../contract.js"
 * @import { Part, Session } from "../player/session.js"
 */

/** What this browser remembers of the tour: the path of the step that was open last. */
export const KEPT = "tour";

/** Whether the step that opens was come to from another one, and not by its address. */
let walking = false;

/**
 * Before the session reads its address: where the step begins, if nothing else is said.
 * @param {TourConfig} config
 */
export function beginStep(config) {
  if (!("e" in readQuery())) replaceQuery(queryString(config.query));
  remember(KEPT, JSON.stringify({ run: config.run, step: config.step }));
  if (walking) byId("tour-title")?.focus({ preventScroll: true });
  walking = true;
}

/**
 * What a step has beside what every page of a run has.
 * @param {TourConfig} config
 * @returns {Part[]}
 */
export const tourParts = (config) => [
  listenToPlaces,
  drawWaves,
  (session) => {
    if (config.waiting) offerAnew(session);
  },
];

/**
 * What a run has come to: a step that waits for more of it is told anew then.
 * @param {Manifest} manifest
 */
const reached = ({ markers, keys, status }) => JSON.stringify([markers, keys, status.state]);

/** @param {Session} session */
function offerAnew({ manifest, stage }) {
  const before = reached(manifest);
  const button = byId("tour-anew");
  button?.addEventListener("click", () => window.location.reload());
  stage.on("grown", () => {
    if (button && reached(manifest) !== before) button.hidden = false;
  });
}
