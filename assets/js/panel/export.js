/** Pictures and numbers of panels as files that say where they come from. */

import { figureImage } from "../canvas/plotly.js";
import { openDialog } from "../lib/dialog.js";
import { el } from "../lib/dom.js";
import { isAbort } from "../lib/net.js";
import { formatEpoch } from "../lib/numbers.js";
import { pngWithTexts } from "../lib/png-text.js";
import { cssColour } from "../lib/theme.js";
import { notify, notifyError } from "../lib/toast.js";
import { portable } from "../print/portable.js";

/**
 * @import { DataKind, Figure } from "../contract.js"
 * @import { StagePanel } from "./panel.js"
 */

/**
 * What a file says of where it comes from.
 *
 * @typedef {object} About
 * @property {string} run id, or several joined
 * @property {string} title
 * @property {string} config hash of the configuration
 * @property {number} epoch shown
 * @property {Record<string, unknown>} selection
 * @property {string} version of grokdash
 *
 * @typedef {About & { view: string, permalink: string }} Origin
 *
 * What saving needs of the stage.
 *
 * @typedef {object} ExportStage
 * @property {StagePanel[]} panels
 * @property {{ pause(): void }} playback
 * @property {{ start(): Promise<void>, one(panel: StagePanel): Promise<void> }} settler
 * @property {string} pageName
 * @property {() => About} about
 * @property {(more?: Record<string, unknown>) => string} permalink
 *
 * A figure as a file shows it, and what is written into the file.
 *
 * @typedef {object} Shot
 * @property {Figure} figure
 * @property {number} width pixels on the screen
 * @property {number} height
 * @property {object} origin where it comes from
 * @property {Record<string, string>} texts of a PNG
 *
 * What can be saved, whatever it shows.
 *
 * @typedef {object} Savable
 * @property {HTMLElement} element
 * @property {() => string} heading
 * @property {(extension: string) => string} fileName
 * @property {() => Promise<Shot>} shot
 * @property {((kind: DataKind) => Promise<Blob>) | null} data the numbers behind it
 * @property {() => string} permalink
 */

const HEAD = 26;
const FOOT = 18;
const SAVED = "grokdash:saved";

/**
 * @param {ExportStage} stage
 * @param {About} about
 * @param {string} view
 * @returns {Origin}
 */
function originOf(stage, about, view) {
  const { run, title, config, epoch, selection, version } = about;
  const permalink = stage.permalink({ e: epoch });
  return { run, title, config, view, epoch, selection, permalink, version };
}

/**
 * @param {About} about
 * @param {string} view
 * @param {string} extension
 */
export const fileName = ({ run, epoch }, view, extension) =>
  `${run}__${view}__e${String(epoch).padStart(6, "0")}.${extension}`;

/**
 * @param {Blob} blob
 * @param {string} name
 */
export function saveBlob(blob, name) {
  const link = el("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  document.dispatchEvent(new CustomEvent(SAVED, { detail: { name, blob } }));
}

/**
 * Wait until a panel shows the exact figure of the epoch.
 * @param {ExportStage} stage
 * @param {StagePanel} panel
 */
async function settled(stage, panel) {
  stage.playback.pause();
  if (panel.plotted) await stage.settler.one(panel);
  if (!panel.plotted || panel.picture.missing)
    throw new Error(`${panel.title} has nothing to save.`);
}

/**
 * On charts over epochs the epoch is a line, as on the screen; a logarithmic axis has no
 * place for epoch 0.
 * @param {StagePanel} panel
 * @param {PlotElement} gd
 * @param {number} epoch
 */
function cursorShapes({ view }, gd, epoch) {
  if (!view.cursor || !(epoch > 0 || gd._fullLayout.xaxis.type !== "log")) return [];
  const place = { type: "line", x0: epoch, x1: epoch, xref: "x", y0: 0, y1: 1, yref: "paper" };
  const halo = { color: cssColour("--gd-halo"), width: 3 };
  return [halo, { color: cssColour("--gd-accent"), width: 1 }].map((line) => ({ ...place, line }));
}

/**
 * A figure with a line above it that names it.
 * @param {Figure} figure
 * @param {string} title
 * @param {string} more said after the title
 * @param {{ width: number, height: number, margin: Record<string, number> }} place
 */
export function headed({ data, layout }, title, more, { width, height, margin }) {
  const { l, r, b, t } = margin;
  const look = {
    ...layout,
    autosize: false,
    width,
    height: height + HEAD,
    margin: { l, r, b, t: t + HEAD },
    title: {
      text: `<b>${title}</b>  ${more}`,
      font: { size: 13 },
      x: 0,
      xref: "container",
      xanchor: "left",
      y: 1,
      yref: "container",
      yanchor: "top",
      pad: { l: 8, t: 8 },
    },
  };
  return { figure: { data, layout: look }, width, height: height + HEAD };
}

/**
 * The figure of a panel with a title line above it.
 * @param {StagePanel} panel
 */
function titled(panel) {
  const { gd } = panel.picture;
  if (!gd?._fullLayout) throw new Error(`${panel.title} has nothing to save.`);
  const { width, height } = gd._fullLayout;
  const margin = { ...gd._fullLayout.margin };
  const { epoch } = panel.about();
  if (panel.isHost) margin.t += 18;
  const layout = {
    ...gd.layout,
    showlegend: gd.layout.showlegend || panel.isHost,
    shapes: [...(gd.layout.shapes || []), ...cursorShapes(panel, gd, epoch)],
  };
  const figure = { data: gd.data, layout };
  const { range } = panel.picture.answer || {};
  const more = `epoch ${formatEpoch(epoch)}${range?.pressed ? ` · ${range.text}` : ""}`;
  return headed(figure, panel.title, more, { width, height, margin });
}

/** @param {string} address of a picture, with its bytes in it or a blob */
async function bytesOf(address) {
  const [head, body] = address.split(",", 2);
  if (!head.includes("base64")) return (await fetch(address)).arrayBuffer();
  return Uint8Array.from(atob(body), (one) => one.charCodeAt(0)).buffer;
}

/**
 * @param {string} address
 * @param {object} origin
 */
async function svgWithOrigin(address, origin) {
  const root = await portable(decodeURIComponent(address.slice(address.indexOf(",") + 1)));
  const told = document.createElementNS(root.namespaceURI, "metadata");
  told.textContent = JSON.stringify(origin);
  root.prepend(told);
  return new XMLSerializer().serializeToString(root);
}

/** @param {Origin} origin */
function pngTexts(origin) {
  return {
    Title: `${origin.title} - ${origin.view} - epoch ${origin.epoch}`,
    Software: `grokdash ${origin.version}`,
    Source: origin.permalink,
    grokdash: JSON.stringify(origin),
  };
}

/**
 * A panel of a stage as something to save.
 * @param {ExportStage} stage
 * @param {StagePanel} panel
 * @returns {Savable}
 */
export function savable(stage, panel) {
  return {
    element: panel.element,
    heading: () => `${panel.title}, epoch ${formatEpoch(panel.about().epoch)}`,
    fileName: (extension) => fileName(panel.about(), panel.id, extension),
    async shot() {
      await settled(stage, panel);
      const origin = originOf(stage, panel.about(), panel.id);
      return { ...titled(panel), origin, texts: pngTexts(origin) };
    },
    data: panel.data?.bind(panel) ?? null,
    permalink: () => stage.permalink(),
  };
}

/**
 * @param {Savable} what
 * @param {"png" | "svg"} kind
 * @param {number} scale pixels of the file per pixel of the screen
 */
export async function savePicture(what, kind, scale) {
  try {
    const { figure, width, height, origin, texts } = await what.shot();
    const address = await figureImage(figure, { format: kind, width, height, scale });
    const blob =
      kind === "svg"
        ? new Blob([await svgWithOrigin(address, origin)], { type: "image/svg+xml" })
        : pngWithTexts(await bytesOf(address), texts);
    saveBlob(blob, what.fileName(kind));
  } catch (error) {
    notifyError(error);
  }
}

/**
 * @param {Savable} what
 * @param {DataKind} kind
 */
export async function saveData(what, kind) {
  if (!what.data) return;
  try {
    saveBlob(await what.data(kind), what.fileName(kind));
  } catch (error) {
    if (!isAbort(error)) notifyError(error);
  }
}

/**
 * @param {Figure} figure
 * @param {number} width
 * @param {number} height
 * @param {number} scale
 */
async function imageOf(figure, width, height, scale) {
  const image = new Image();
  image.src = await figureImage(figure, { format: "png", width, height, scale });
  await image.decode();
  return image;
}

/**
 * Every panel of the page on one sheet, placed as on the screen.
 * @param {ExportStage} stage
 */
export async function exportAll(stage) {
  try {
    stage.playback.pause();
    await stage.settler.start();
    const about = stage.about();
    const origin = originOf(stage, about, "all");
    const blob = await sheetOf(stage, origin);
    const named = pngWithTexts(await blob.arrayBuffer(), pngTexts(origin));
    saveBlob(named, fileName(about, stage.pageName, "png"));
  } catch (error) {
    notifyError(error);
  }
}

/**
 * @param {ExportStage} stage
 * @param {Origin} origin
 * @returns {Promise<Blob>}
 */
async function sheetOf({ panels }, origin) {
  const shown = panels.filter((panel) => panel.plotted && !panel.picture.missing);
  const boxes = shown.map((panel) => panel.picture.body.getBoundingClientRect());
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top)) - HEAD;
  const right = Math.max(...boxes.map((box) => box.right));
  const bottom = Math.max(...boxes.map((box) => box.bottom));
  const scale = 2;
  const sheet = document.createElement("canvas");
  sheet.width = scale * (right - left + 16);
  sheet.height = scale * (bottom - top + HEAD + FOOT + 16);
  const context = /** @type {CanvasRenderingContext2D} */ (sheet.getContext("2d"));
  context.scale(scale, scale);
  context.fillStyle = cssColour("--gd-surface");
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.fillStyle = cssColour("--gd-text");
  context.font = "600 13px system-ui, sans-serif";
  context.fillText(`${origin.title} · epoch ${formatEpoch(origin.epoch)}`, 8, 18);
  for (const [i, panel] of shown.entries()) {
    const { figure, width, height } = titled(panel);
    const image = await imageOf(figure, width, height, scale);
    context.drawImage(image, boxes[i].left - left + 8, boxes[i].top - top + 8, width, height);
  }
  context.font = "11px system-ui, sans-serif";
  context.fillStyle = cssColour("--gd-quiet");
  const foot = `${origin.run} · config ${origin.config} · ${origin.permalink}`;
  context.fillText(foot, 8, sheet.height / scale - 8, sheet.width / scale - 16);
  return new Promise((resolve, reject) =>
    sheet.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The sheet is too large.")))),
  );
}

/** @param {string} link */
export async function copyLink(link) {
  try {
    await navigator.clipboard.writeText(link);
    notify("Link copied.");
  } catch {
    const field = el("input", {
      class: "form-control",
      readonly: true,
      "data-focus": true,
      value: link,
      "aria-label": "Link",
    });
    field.addEventListener("focus", () => field.select());
    openDialog("Link to this picture", { content: [field] });
  }
}
