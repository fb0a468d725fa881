/** Small helpers for elements. */

/**
 * Make an element: el("button", {class: "x", onclick: fn}, "text", child).
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any> | null} [attributes]
 * @param {...(Node | string | number | null | undefined)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) {
    if (child !== null && child !== undefined)
      node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

/** @param {string} id */
export const byId = (id) => document.getElementById(id);

/**
 * @param {Element | null | undefined} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node && node.textContent !== text) node.textContent = text;
}

/**
 * @param {Element | null | undefined} node
 * @param {string} name
 * @param {string} value
 */
export function setAttribute(node, name, value) {
  if (node && node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/**
 * The element of an event, or the nearest one around it, that a selector names.
 * @param {EventTarget | null} target
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export const closest = (target, selector) =>
  target instanceof Element ? target.closest(selector) : null;

/**
 * Whether a key press belongs to the field it happened in.
 * @param {EventTarget | null} target
 */
export function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  const field = target.closest("input, textarea, select");
  if (!field) return false;
  return !["checkbox", "radio", "button", "range"].includes(
    /** @type {HTMLInputElement} */ (field).type,
  );
}

/** Whether the reader asked for little motion. */
export const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * Let the browser paint before the next piece of work.
 * @returns {Promise<void>}
 */
export const nextTurn = () =>
  new Promise((resolve) => {
    if (document.hidden) setTimeout(resolve, 0);
    else requestAnimationFrame(() => setTimeout(resolve, 0));
  });
