/* Small helpers for elements, numbers and text. */
(function (g) {
  "use strict";

  /** Make an element: el("button", {class: "x", onclick: fn}, "text", child). */
  g.el = function (tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  };

  g.byId = (id) => document.getElementById(id);

  g.setText = function (node, text) {
    if (node && node.textContent !== text) node.textContent = text;
  };

  g.setAttribute = function (node, name, value) {
    if (node && node.getAttribute(name) !== value) node.setAttribute(name, value);
  };

  g.clamp = (value, low, high) => Math.min(Math.max(value, low), high);

  /** 9600 → "9,600", as sentences and figures write it. */
  g.formatEpoch = (step) => String(step).replace(/\B(?=(\d{3})+(?!\d))/g, ",");

  /** Index of the entry of an ascending list that is closest to a value. */
  g.nearestIndex = function (sorted, value) {
    let low = 0;
    let high = sorted.length - 1;
    if (high < 0) return -1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (sorted[middle] <= value) low = middle;
      else high = middle;
    }
    return value - sorted[low] <= sorted[high] - value ? low : high;
  };

  /** Whether a key press belongs to the field it happened in. */
  g.isTyping = function (target) {
    if (!target || !target.closest) return false;
    if (target.isContentEditable) return true;
    const field = target.closest("input, textarea, select");
    return Boolean(field) && !["checkbox", "radio", "button", "range"].includes(field.type);
  };

  g.theme = () => document.documentElement.getAttribute("data-bs-theme") || "light";

  g.cssColour = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  g.calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  g.remember = function (key, value) {
    try {
      if (value === null) localStorage.removeItem("grokdash-" + key);
      else localStorage.setItem("grokdash-" + key, value);
    } catch (error) {
      /* private windows may refuse storage; the setting then lasts for the page */
    }
  };

  g.recall = function (key) {
    try {
      return localStorage.getItem("grokdash-" + key);
    } catch (error) {
      return null;
    }
  };
})((window.grokdash = window.grokdash || {}));
