/** Light and dark: one attribute on <html>; figures are made anew in the other theme. */

import { remember } from "./storage.js";

const CHANGED = "grokdash:theme";

/** @type {Map<string, string>} colours of the theme, each read once: a look at a style costs */
const colours = new Map();

/** @returns {"light" | "dark"} */
export const currentTheme = () =>
  document.documentElement.getAttribute("data-bs-theme") === "dark" ? "dark" : "light";

export function toggleTheme() {
  const next = currentTheme() === "dark" ? "light" : "dark";
  document.documentElement.setAttribute("data-bs-theme", next);
  colours.clear();
  remember("theme", next);
  document.dispatchEvent(new CustomEvent(CHANGED));
}

/**
 * @param {() => void} listener
 * @param {AbortSignal} [signal] ends the listening
 */
export const onTheme = (listener, signal) =>
  document.addEventListener(CHANGED, listener, { signal });

/**
 * A colour of the theme.
 * @param {string} name of a custom property of the page
 */
export function cssColour(name) {
  const known = colours.get(name);
  if (known !== undefined) return known;
  const colour = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  colours.set(name, colour);
  return colour;
}
