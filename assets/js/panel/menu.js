/**
 * The menu of a panel, and the table behind it. There is one menu, laid out by Python in
 * the frame: it is put over the button that asks for it, and gives the focus back to it.
 */

import { storeAddress } from "../lib/address.js";
import { openDialog } from "../lib/dialog.js";
import { byId, el } from "../lib/dom.js";
import { navigate } from "../lib/navigation.js";
import { appUrl } from "../lib/net.js";
import { notifyError } from "../lib/toast.js";
import { copyLink, copyPicture, saveData, savePicture } from "./export.js";
import { fullScreen } from "./full-screen.js";
import { addToReport } from "./to-report.js";

/**
 * @import { MenuItem } from "../contract.js"
 * @import { Savable } from "./export.js"
 */

const ROWS = 200;
/** Column of a file that says where the numbers come from. */
const PROVENANCE = "provenance";

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
  stored: showStored,
  "copy-picture": copyPicture,
  "copy-link": (what) => copyLink(what.permalink()),
  report: addToReport,
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
export const cellsOf = (line) =>
  [...`${line},`.matchAll(/(?:"((?:[^"]|"")*)"|([^,]*)),/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain,
  );

/**
 * @param {string[]} names of the columns
 * @param {string[][]} rows
 */
function table(names, rows) {
  const head = el("tr", {}, ...names.map((name) => el("th", { scope: "col" }, name)));
  const body = rows.map((row) => el("tr", {}, ...row.map((cell) => el("td", {}, shorten(cell)))));
  return el("table", { class: "numbers" }, el("thead", {}, head), el("tbody", {}, ...body));
}

/** @param {string} cell */
function shorten(cell) {
  const number = Number(cell);
  if (cell === "" || !Number.isFinite(number) || Number.isInteger(number)) return cell || "–";
  return Number(number.toPrecision(6)).toString();
}

/**
 * The stored arrays of the run; of a picture of many runs its own numbers.
 * @param {Savable} what
 */
function showStored(what) {
  const run = what.run?.();
  if (run) navigate(appUrl(storeAddress(run)));
  else showTable(what);
}

/**
 * The numbers behind a picture: the first rows of the table.
 * @param {Savable} what
 */
async function showTable(what) {
  try {
    const lines = (await (await what.data("csv")).text()).trim().split("\n");
    const [names, ...rows] = lines.slice(0, ROWS + 1).map(cellsOf);
    const own = names.map((name) => name !== PROVENANCE);
    const shown = rows.map((row) => row.filter((_, i) => own[i]));
    const numbers = table(
      names.filter((_, i) => own[i]),
      shown,
    );
    const more = lines.length - 1 - rows.length;
    const note = more > 0 ? el("p", { class: "quiet" }, `${more} more rows in the CSV`) : null;
    const save = el("button", { type: "button", class: "tool" }, "Save CSV");
    save.addEventListener("click", () => saveData(what, "csv"));
    openDialog(what.heading(), { content: [save, el("div", { class: "tables" }, numbers, note)] });
  } catch (error) {
    notifyError(error);
  }
}
