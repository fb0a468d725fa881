/** The search of the reference: entries without all of the words are hidden. */

import { byId, setText } from "../lib/dom.js";

/**
 * Whether a text holds every word that is asked for, in any order and case.
 * @param {string} text
 * @param {string} asked
 */
export function holds(text, asked) {
  const whole = text.toLowerCase();
  return asked
    .toLowerCase()
    .split(/\s+/)
    .every((word) => whole.includes(word));
}

/**
 * What is said of how much was found.
 * @param {number} found
 * @param {number} all
 * @param {string} asked
 */
export function foundWords(found, all, asked) {
  if (!asked) return "";
  if (found) return `${found} of ${all} views`;
  return `No view says “${asked}”. Try a single word, or the glossary.`;
}

/** @param {string} asked */
function search(asked) {
  const entries = [...document.querySelectorAll(".guide article")];
  let found = 0;
  for (const entry of entries) {
    const shown = holds(entry.textContent || "", asked);
    entry.toggleAttribute("hidden", !shown);
    const link = document.querySelector(`.contents a[href="#${entry.id}"]`);
    link?.toggleAttribute("hidden", !shown);
    found += Number(shown);
  }
  for (const section of document.querySelectorAll(".guide section"))
    section.toggleAttribute("hidden", !section.querySelector("article:not([hidden])"));
  setText(byId("guide-found"), foundWords(found, entries.length, asked));
}

/**
 * Enter goes to the first entry that is left, Escape empties the field.
 * @param {KeyboardEvent} event
 */
function keyed(event) {
  const field = /** @type {HTMLInputElement} */ (event.target);
  if (event.key === "Escape" && field.value) {
    field.value = "";
    search("");
    event.stopPropagation();
  } else if (event.key === "Enter" || event.key === "ArrowDown") {
    const first = document.querySelector(".contents a:not([hidden])");
    if (first instanceof HTMLElement) {
      event.preventDefault();
      first.focus();
    }
  }
}

/** @param {AbortSignal} signal ends the listening */
export function listenToSearch(signal) {
  const field = byId("guide-search");
  if (!(field instanceof HTMLInputElement)) return;
  field.addEventListener("input", () => search(field.value.trim()), { signal });
  field.addEventListener("keydown", keyed, { signal });
}
