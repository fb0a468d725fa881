/** A report as files: the page draws the pictures, the server writes them into one file. */

import { figureImage } from "../canvas/plotly.js";
import { getJson, messageOf, postJson } from "../lib/net.js";
import { currentTheme, toggleTheme } from "../lib/theme.js";
import { notify, notifyError } from "../lib/toast.js";
import { saveBlob } from "../panel/export.js";
import { sheetImage } from "../print/sheet.js";

/** @typedef {"html" | "pdf" | "md" | "json"} FileKind */

/** @type {Record<FileKind, { words: string, ending: string }>} */
export const KINDS = {
  html: { words: "HTML, one file", ending: "html" },
  pdf: { words: "PDF", ending: "pdf" },
  md: { words: "Markdown with pictures", ending: "zip" },
  json: { words: "JSON, figures and all", ending: "json" },
};

/**
 * Every picture of a report as SVG, by item.
 * @param {string} path of the report
 */
async function drawn(path) {
  /** @type {`/api/report/${string}/sheets`} */
  const sheets = `/api/report/${path}/sheets`;
  /** @type {Record<string, string>} */
  const pictures = {};
  for (const { id, figure } of await getJson(sheets)) {
    const { sheet } = figure.layout.meta;
    const draw = (/** @type {any} */ one, /** @type {any} */ options) => figureImage(one, options);
    const address = await sheetImage(draw, sheet, "svg", 1);
    pictures[id] = decodeURIComponent(address.slice(address.indexOf(",") + 1));
  }
  return pictures;
}

/**
 * Save a report as a file.
 * @param {string} name
 * @param {number} revision
 * @param {FileKind} kind
 */
export async function saveReport(name, revision, kind) {
  const path = encodeURIComponent(name);
  try {
    notify(kind === "json" ? "Writing the file …" : "Drawing the pictures …");
    const pictures = kind === "json" ? {} : await drawn(path);
    /** @type {`/api/report/${string}/export/${string}`} */
    const address = `/api/report/${path}/export/${kind}`;
    const answer = await postJson(address, { revision, pictures });
    saveBlob(await answer.blob(), `${name}.${KINDS[kind].ending}`);
  } catch (error) {
    if (kind !== "pdf") notifyError(error);
    else notify(`${messageOf(error)}. Or choose Print and save as PDF there.`, "problem");
  }
}

/**
 * Print the page in light colours, all pictures drawn.
 * @param {{ all(): Promise<void> }} pictures
 */
export async function printReport(pictures) {
  const dark = currentTheme() === "dark";
  if (dark) toggleTheme();
  await pictures.all();
  if (dark) window.addEventListener("afterprint", toggleTheme, { once: true });
  window.print();
}
