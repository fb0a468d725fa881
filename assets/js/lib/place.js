/** Places within a page, as the part of an address after "#" names them. */

import { byId } from "./dom.js";

/** @param {string} hash of an address */
export function placeOf(hash) {
  const name = decodeURIComponent(hash.slice(1));
  return name ? byId(name) : null;
}

/** Bring what the address names into sight; a page that Dash lays out does not do that. */
export function showPlace() {
  placeOf(window.location.hash)?.scrollIntoView();
}
