/** Short notices in a corner: Toasts that Python lays out in the frame. */

import { byId } from "./dom.js";
import { messageOf } from "./net.js";

const STAY_MS = 6000;

/** @type {{ text: string, until: number }[]} by place; what is past may still be here */
const notices = [];

/**
 * The place of the next notice: a free one, else the one that is free first.
 * @param {number} now
 */
function nextPlace(now) {
  const places = Number(byId("toasts")?.dataset.places);
  if (notices.length < places) return notices.length;
  const ends = notices.map(({ until }) => Math.max(until, now));
  return ends.indexOf(Math.min(...ends));
}

/**
 * @param {number} place
 * @param {Record<string, unknown>} properties
 */
const set = (place, properties) => window.dash_clientside.set_props(`toast-${place}`, properties);

/**
 * A link within the app, as Dash lays one out.
 * @param {{ words: string, href: string }} link
 */
const linkOf = ({ words, href }) => ({
  namespace: "dash_core_components",
  type: "Link",
  props: { children: words, href },
});

/**
 * Show a text for some seconds, as the last of the notices.
 * @param {string} text
 * @param {"problem"} [kind]
 * @param {{ words: string, href: string }} [link] after it
 */
export function notify(text, kind, link) {
  const now = performance.now();
  const stay = kind === "problem" ? 3 * STAY_MS : STAY_MS;
  for (const [place, notice] of notices.entries()) {
    if (notice.text === text && notice.until > now) set(place, { is_open: false });
  }
  const place = nextPlace(now);
  notices[place] = { text, until: now + stay };
  set(place, {
    is_open: true,
    children: link ? [`${text} `, linkOf(link)] : text,
    duration: stay,
    class_name: kind && `toast-${kind}`,
    style: { order: Math.round(now) },
  });
}

/** @param {unknown} error told in its own words */
export const notifyError = (error) => notify(messageOf(error), "problem");
