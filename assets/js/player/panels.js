/**
 * Which panels a page shows and in which order, where that can be chosen: dragged by their
 * heads, or in a dialog. The choice is in the address, and the page is laid out from there.
 */

import { queryString, readable, runAddress } from "../lib/address.js";
import { navigate } from "../lib/navigation.js";
import { appUrl } from "../lib/net.js";
import { notify } from "../lib/toast.js";
import { chooseViews } from "../panel/choose-views.js";

/**
 * @import { Arrangement } from "../contract.js"
 * @import { StagePanel } from "../panel/panel.js"
 * @import { Session } from "./session.js"
 */

/**
 * Lay the page out with other panels; everything else stays.
 * @param {Session} session
 * @param {Arrangement} arrangement
 * @param {string[]} ids
 */
function show({ config, stage }, { chosen, defaults }, ids) {
  if (ids.join() === chosen.join()) return;
  const panels = ids.join() === defaults.join() ? "" : ids.join();
  const query = readable(queryString({ ...stage.state(), panels }));
  navigate(`${appUrl(runAddress(config.run, config.page))}?${query}`);
}

/**
 * The same list with one entry before another one, or behind it if it came from before.
 * @param {string[]} ids
 * @param {string} moved
 * @param {string} target
 */
export function movedTo(ids, moved, target) {
  const place = ids.indexOf(target);
  if (place < 0 || !ids.includes(moved)) return ids;
  return ids.filter((id) => id !== moved).toSpliced(place, 0, moved);
}

/**
 * Panels are dragged by their heads.
 * @param {Session} session
 * @param {Arrangement} arrangement
 */
function listenToDrags(session, arrangement) {
  const { signal } = session.stage;
  /** @type {string | null} */
  let dragged = null;
  for (const { element, id, isHost } of session.panels) {
    const head = element.querySelector(".panel-head");
    if (isHost || !(head instanceof HTMLElement)) continue;
    head.draggable = true;
    const on = (/** @type {string} */ name, /** @type {(event: any) => void} */ listener) =>
      element.addEventListener(name, listener, { signal });
    on("dragstart", (event) => {
      if (event.target !== head) return;
      dragged = id;
      event.dataTransfer.effectAllowed = "move";
    });
    on("dragover", (event) => {
      if (!dragged || dragged === id) return;
      event.preventDefault();
      element.classList.add("drop-here");
    });
    on("dragleave", () => element.classList.remove("drop-here"));
    on("dragend", () => {
      dragged = null;
    });
    on("drop", (event) => {
      element.classList.remove("drop-here");
      if (!dragged) return;
      event.preventDefault();
      show(session, arrangement, movedTo(arrangement.chosen, dragged, id));
    });
  }
}

/** @param {Session} session */
export function arrangePanels(session) {
  const { arrangement } = session.config;
  if (!arrangement) return;
  for (const notice of arrangement.notices) notify(notice);
  listenToDrags(session, arrangement);
  session.stage.on("arrange", (/** @type {StagePanel | null} */ panel) =>
    chooseViews(arrangement, panel?.isHost ? null : panel, (ids) =>
      show(session, arrangement, ids),
    ),
  );
}
