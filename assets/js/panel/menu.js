/**
 * The menu of a panel, and the table behind it. There is one menu, laid out by Python in
 * the frame: it is put over the button that asks for it, and gives the focus back to it.
 */

import { openDialog } from "../lib/dialog.js";
import { byId, el } from "../lib/dom.js";
import { notifyError } from "../lib/toast.js";
import { copyLink, copyPicture, saveData, savePicture } from "./export.js";
import { fullScreen } from "./full-screen.js";

/**
 * @import { MenuItem } from "../contract.js"
 * @import { Savable } from "./export.js"
 */

const ROWS = 200;

/** @type {Record<MenuItem, (what: Savable) => void>} */
export const MENU_ACTIONS = {
  "png-2": (what) => savePicture(what, "png", 2),
  "png-4": (what) => savePicture(what, "png", 4),
  svg: (what) => savePicture(what, "svg"),
  pdf: (what) => savePicture(what, "pdf"),
  csv: (what) => saveData(what, "csv"),
  npy: (what) => saveData(what, "npy"),
  json: (what) => saveData(what, "json"),
  table: showTable,
  "copy-picture": copyPicture,
  "copy-link": (what) => copyLink(what.permalink()),
  full: fullScreen,
};

/**
 * @param {string} name
 * @returns {name is MenuItem}
 */
export const isMenuItem = (name) => name in MENU_ACTIONS;

/**
 * Put the menu over a button and open it; it closes by Esc, by a press elsewhere and by
 * what is chosen.
 * @param {HTMLElement} button
 */
export function openMenu(button) {
  const again = button.getAttribute("aria-expanded") === "true";
  /* This press closes whatever menu is open, and has to come to its end first. */
  if (!again) setTimeout(() => showMenu(button));
}

/** @param {HTMLElement} button */
function showMenu(button) {
  const menu = byId("panel-menu");
  const toggle = menu?.querySelector("button");
  if (!menu || !toggle) return;
  const { left, top, width, height } = button.getBoundingClientRect();
  menu.style.left = `${left + window.scrollX}px`;
  menu.style.top = `${top + window.scrollY}px`;
  toggle.style.width = `${width}px`;
  toggle.style.height = `${height}px`;
  button.setAttribute("aria-expanded", "true");
  const observer = new MutationObserver(() => {
    if (menu.classList.contains("show")) {
      menu.querySelector("[data-act]")?.closest("button")?.focus({ preventScroll: true });
      return;
    }
    observer.disconnect();
    button.setAttribute("aria-expanded", "false");
    if (menu.contains(document.activeElement)) button.focus();
  });
  observer.observe(menu, { attributeFilter: ["class"] });
  toggle.click();
}

/**
 * The cells of a line of a CSV file.
 * @param {string} line
 */
const cellsOf = (line) =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain,
  );

/** @param {string[]} lines of a CSV file */
function table(lines) {
  const rows = lines.map(cellsOf);
  const head = el("tr", {}, ...rows[0].map((name) => el("th", { scope: "col" }, name)));
  const body = rows
    .slice(1, ROWS + 1)
    .map((row) => el("tr", {}, ...row.map((cell) => el("td", {}, shorten(cell)))));
  return el("table", { class: "numbers" }, el("thead", {}, head), el("tbody", {}, ...body));
}

/** @param {string} cell */
function shorten(cell) {
  const number = Number(cell);
  if (cell === "" || !Number.isFinite(number) || Number.isInteger(number)) return cell || "–";
  return Number(number.toPrecision(6)).toString();
}

/** @param {string} part of a CSV file, one table */
function tableWithNote(part) {
  const rows = part.split("\n");
  const more = rows.length - 1 - ROWS;
  const note = more > 0 ? el("p", { class: "quiet" }, `${more} more rows in the CSV`) : null;
  return el("div", {}, table(rows), note);
}

/**
 * The numbers behind a picture: the first rows of each of its tables.
 * @param {Savable} what
 */
async function showTable(what) {
  try {
    const text = await (await what.data("csv")).text();
    const lines = text.split("\n").filter((line) => !line.startsWith("#"));
    const tables = lines.join("\n").trim().split("\n\n").map(tableWithNote);
    const save = el("button", { type: "button", class: "tool" }, "Save CSV");
    save.addEventListener("click", () => saveData(what, "csv"));
    openDialog(what.heading(), { content: [save, el("div", { class: "tables" }, ...tables)] });
  } catch (error) {
    notifyError(error);
  }
}
