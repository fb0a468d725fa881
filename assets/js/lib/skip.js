/** Links that skip to a part of the page. */

import { byId, closest } from "./dom.js";

/** Such a link moves the focus and leaves the address alone, which lays the page out. */
export function listenToSkips() {
  document.addEventListener("click", (event) => {
    const link = closest(event.target, "a.skip");
    const target = link instanceof HTMLAnchorElement && byId(link.hash.slice(1));
    if (!target) return;
    event.preventDefault();
    if (target.tabIndex < 0) target.tabIndex = -1; // so that it can be focused at all
    target.focus();
  });
}
