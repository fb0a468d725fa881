/** What is picked goes along: to the other pages of the run, to the guide and back. */

import { queryString, runAddress } from "../lib/address.js";
import { byId, closest } from "../lib/dom.js";
import { follow } from "../lib/navigation.js";
import { appUrl } from "../lib/net.js";

/** @import { Session } from "./session.js" */

/**
 * The run that was left last in this tab, and what was picked there.
 * @type {{ run: string, page: string, state: Record<string, unknown> } | null}
 */
let left = null;

/** @param {Session} session that closes */
export function leave(session) {
  const { page, run } = session.config;
  if (session.steps.length) left = { run, page, state: session.stage.state() };
}

/**
 * What a page of a run starts from: its address, or what was picked there before.
 * @param {string} run
 * @param {Record<string, string>} query
 * @returns {Record<string, string>}
 */
export function comeBack(run, query) {
  if (left?.run !== run || query.e !== undefined) return query;
  const kept = Object.entries(left.state)
    .filter(([name]) => name !== "panels") // which panels there are, the page has said
    .map(([name, value]) => [name, String(value)]);
  return { ...Object.fromEntries(kept), ...query };
}

/** Show the way back on a page that was opened from a run. */
export function offerWayBack() {
  const link = byId("back-to-run");
  if (!left || !(link instanceof HTMLAnchorElement)) return;
  const path = `${appUrl(runAddress(left.run, left.page))}?${queryString(left.state)}`;
  link.href = path;
  link.hidden = false;
  link.onclick = (event) => follow(event, path);
}

/**
 * Links to pages of a run carry what is picked in it; those with a query of their own stay.
 * @param {Session} session
 */
export function takeAlong({ config, stage }) {
  const root = appUrl(runAddress(config.run));
  /** @type {Map<HTMLAnchorElement, string>} links and where they lead by themselves */
  const known = new Map();

  /**
   * @param {Event} event
   * @returns {HTMLAnchorElement | null} the link under the pointer or the focus, made whole
   */
  function aim({ target }) {
    const link = closest(target, "#run-page a[href]");
    if (!(link instanceof HTMLAnchorElement)) return null;
    if (!known.has(link)) known.set(link, link.href);
    const { pathname, search } = new URL(known.get(link) || "");
    const leads = pathname === root || pathname.startsWith(`${root}/`);
    if (!leads || search || !stage.steps.length) return null;
    link.href = `${pathname}?${queryString(stage.state())}`;
    return link;
  }

  const options = { capture: true, signal: stage.signal };
  document.addEventListener("pointerover", aim, options);
  document.addEventListener("focusin", aim, options);
  /* Dash would follow the link as it was laid out. */
  document.addEventListener(
    "click",
    (event) => {
      const link = aim(event);
      if (link && follow(event, link.pathname + link.search)) event.stopPropagation();
    },
    options,
  );
}
