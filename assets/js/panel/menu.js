/** The menu of a panel, and the table behind it. */

import { openDialog } from "../lib/dialog.js";
import { closest, el } from "../lib/dom.js";
import { formatEpoch } from "../lib/numbers.js";
import { notifyError } from "../lib/toast.js";
import { copyLink, exportData, exportPicture } from "./export.js";
import { fullScreen } from "./panel.js";

/**
 * @import { ExportStage } from "./export.js"
 * @import { StagePanel } from "./panel.js"
 */

const ROWS = 200;

/** @type {[string, (stage: ExportStage, panel: StagePanel) => void][]} */
const ITEMS = [
  ["PNG, 2×", (stage, panel) => exportPicture(stage, panel, "png", 2)],
  ["PNG, 4×", (stage, panel) => exportPicture(stage, panel, "png", 4)],
  ["SVG", (stage, panel) => exportPicture(stage, panel, "svg", 1)],
  ["CSV", (_stage, panel) => exportData(panel, "csv")],
  ["NPY", (_stage, panel) => exportData(panel, "npy")],
  ["Data table", (_stage, panel) => showTable(panel)],
  ["Copy link", (stage) => copyLink(stage)],
  ["Full screen", (_stage, panel) => fullScreen(panel)],
];

/** @type {{ menu: HTMLElement, button: HTMLElement, listening: AbortController } | null} */
let open = null;

/** @param {boolean} focus whether the button gets the focus back */
function close(focus) {
  if (!open) return;
  const { menu, button, listening } = open;
  open = null;
  listening.abort();
  menu.remove();
  button.setAttribute("aria-expanded", "false");
  if (focus) button.focus();
}

/**
 * @param {HTMLElement} menu
 * @param {number} by
 */
function move(menu, by) {
  const items = [...menu.querySelectorAll("button")];
  const at = items.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
  items[(at + by + items.length) % items.length].focus();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (!open) return;
  const { menu } = open;
  if (event.key === "Escape" || event.key === "Tab") close(true);
  else if (event.key === "ArrowDown") move(menu, 1);
  else if (event.key === "ArrowUp") move(menu, -1);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** @param {PointerEvent} event */
function onPress(event) {
  const target = /** @type {Node} */ (event.target);
  if (open && !open.menu.contains(target) && !open.button.contains(target)) close(false);
}

/**
 * @param {ExportStage} stage
 * @param {StagePanel} panel
 * @param {HTMLElement | null} source what was pressed
 */
export function openMenu(stage, panel, source) {
  const button =
    closest(source, '[data-act="menu"]') || panel.element.querySelector('[data-act="menu"]');
  const again = open && open.button === button;
  close(false);
  if (again || !(button instanceof HTMLElement)) return;
  const menu = el("div", { class: "menu", role: "menu", "aria-label": panel.title });
  for (const [label, run] of ITEMS) {
    menu.append(
      el(
        "button",
        {
          type: "button",
          role: "menuitem",
          onclick: () => {
            close(false);
            run(stage, panel);
          },
        },
        label,
      ),
    );
  }
  menu.addEventListener("keydown", onKey);
  button.after(menu);
  button.setAttribute("aria-expanded", "true");
  const listening = new AbortController();
  document.addEventListener("pointerdown", onPress, { signal: listening.signal });
  open = { menu, button, listening };
  menu.querySelector("button")?.focus();
}

/** @param {string[]} lines of a CSV file */
function table(lines) {
  const rows = lines.map((line) => line.split(","));
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

/**
 * The numbers of a panel: the first rows of each of its tables.
 * @param {StagePanel} panel
 */
async function showTable(panel) {
  if (!panel.data) return;
  let text;
  try {
    text = await (await panel.data("csv")).text();
  } catch (error) {
    notifyError(error);
    return;
  }
  const lines = text.split("\n").filter((line) => !line.startsWith("#"));
  const parts = lines.join("\n").trim().split("\n\n");
  const tables = parts.map((part) => {
    const rows = part.split("\n");
    const more = rows.length - 1 - ROWS;
    const note = more > 0 ? el("p", { class: "quiet" }, `${more} more rows in the CSV`) : null;
    return el("div", {}, table(rows), note);
  });
  const save = el("button", { type: "button", class: "tool" }, "Save CSV");
  save.addEventListener("click", () => exportData(panel, "csv"));
  const title = `${panel.title}, epoch ${formatEpoch(panel.about().epoch)}`;
  openDialog(title, { content: [save, el("div", { class: "tables" }, ...tables)] });
}
