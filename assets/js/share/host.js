/**
 * What Dash draws in the app, drawn here without it: the slider, dialogs, notices and the
 * menu of the panels. The player speaks to them as it does there, by `set_props`.
 */

import { byId, closest, el } from "../lib/dom.js";

/** @typedef {Record<string, any>} Properties */

const MS = 1;

/** @param {Properties} properties of the slider: where its thumb is */
function setSlider({ max, value }) {
  const root = byId("scrubber");
  const holder = root?.querySelector(".dash-slider-holder");
  const thumb = root?.querySelector("[role=slider]");
  if (!(root && holder instanceof HTMLElement && thumb instanceof HTMLElement)) return;
  if (max !== undefined) root.dataset.max = String(max);
  if (value === undefined) return;
  const share = value / (Number(root.dataset.max) || 1);
  thumb.setAttribute("aria-valuenow", String(Math.round(100 * share)));
  holder.style.left = `calc(${100 * share}% + ${(thumb.clientWidth * (1 - 2 * share)) / 2}px)`;
}

/** @type {Map<string, string>} titles of dialogs that are to be opened */
const titles = new Map([["keys-dialog", "Keys"]]);

/**
 * @param {string} name
 * @param {Properties} properties
 */
function setDialog(name, { is_open: open, size }) {
  const there = document.querySelector(`dialog[data-name="${name}"]`);
  if (!open) {
    if (there instanceof HTMLDialogElement) there.close();
    return;
  }
  if (there) return;
  const close = el("button", { type: "button", class: "btn-close", "aria-label": "Close" });
  const title = el("h2", { class: "modal-title", id: `${name}-title` }, titles.get(name) || "");
  const body = el("div", { id: `${name}-body` });
  const kept = byId(`${name}-content`);
  if (kept instanceof HTMLTemplateElement) body.append(kept.content.cloneNode(true));
  const dialog = /** @type {HTMLDialogElement} */ (
    el(
      "dialog",
      {
        class: `modal alone ${size ? "alone-wide" : ""}`,
        "data-name": name,
        "aria-labelledby": `${name}-title`,
      },
      el(
        "div",
        { class: "modal-content" },
        el("div", { class: "modal-header" }, title, close),
        el("div", { class: "modal-body" }, body),
      ),
    )
  );
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** @type {Map<string, ReturnType<typeof setTimeout>>} when notices go */
const ends = new Map();

/**
 * @param {string} id
 * @param {Properties} properties
 */
function setToast(id, { is_open: open, children, duration, class_name, style }) {
  byId(id)?.remove();
  clearTimeout(ends.get(id));
  if (!open) return;
  const close = el("button", { type: "button", class: "btn-close", "aria-label": "Close" });
  const text = el("div", { class: "toast-body" }, children);
  const toast = el(
    "div",
    { id, class: `toast show ${class_name || ""}` },
    el("div", { class: "toast-header" }, close),
    text,
  );
  toast.style.order = String(style?.order ?? "");
  close.addEventListener("click", () => toast.remove());
  byId("toasts")?.append(toast);
  ends.set(
    id,
    setTimeout(() => toast.remove(), duration * MS),
  );
}

/** @param {string} id @param {Properties} properties */
function set(id, properties) {
  if (id === "scrubber") setSlider(properties);
  else if (id === "sweep-playhead") setRange(id, properties);
  else if (id.startsWith("toast-")) setToast(id, properties);
  else if (id === "dialog-title") titles.set("dialog", properties.children);
  else if (id === "dialog" || id === "keys-dialog") setDialog(id, properties);
  else if (id === "letters") lettersBox(Boolean(properties.value));
}

/**
 * A slider that is one of HTML.
 * @param {string} id
 * @param {Properties} properties
 */
function setRange(id, { value }) {
  const field = byId(id);
  if (field instanceof HTMLInputElement && value !== undefined) field.value = String(value);
}

/** @param {boolean} on whether single characters are shortcuts */
function lettersBox(on) {
  queueMicrotask(() => {
    const box = byId("letters");
    if (box instanceof HTMLInputElement) box.checked = on;
  });
}

/** The menu of the panels opens and closes as that of the app does. */
function listenToMenu() {
  const menu = byId("panel-menu");
  const toggle = menu?.querySelector("button");
  const list = menu?.querySelector(".dropdown-menu");
  if (!menu || !toggle || !list) return;
  const show = (/** @type {boolean} */ open) => {
    for (const one of [menu, list]) one.classList.toggle("show", open);
    toggle.setAttribute("aria-expanded", String(open));
  };
  const items = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll("button")]);
  toggle.addEventListener("click", (event) => {
    event.stopPropagation();
    show(!menu.classList.contains("show"));
  });
  document.addEventListener("click", () => show(false));
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" || event.key === "Tab") show(false);
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const all = items();
    const at = all.indexOf(/** @type {HTMLElement} */ (closest(document.activeElement, "button")));
    all[(at + by + all.length) % all.length]?.focus();
  });
}

/** Stand where the player looks for Dash. */
export function standIn() {
  window.dash_clientside = {
    no_update: undefined,
    callback_context: { triggered: [] },
    set_props: set,
  };
  listenToMenu();
}
