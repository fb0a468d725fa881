/** Light and dark: one attribute on <html>; figures are made anew in the other theme. */

import { remember } from "./storage.js";

const CHANGED = "grokdash:theme";

/** @returns {"light" | "dark"} */
export const currentTheme = () =>
  document.documentElement.getAttribute("data-bs-theme") === "dark" ? "dark" : "light";

export function toggleTheme() {
  const next = currentTheme() === "dark" ? "light" : "dark";
  document.documentElement.setAttribute("data-bs-theme", next);
  remember("theme", next);
  document.dispatchEvent(new CustomEvent(CHANGED));
}

/**
 * @param {() => void} listener
 * @param {AbortSignal} [signal] ends the listening
 */
export const onTheme = (listener, signal) =>
  document.addEventListener(CHANGED, listener, { signal });
