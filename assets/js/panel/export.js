/** Pictures and numbers of panels as files that say where they come from. */

import { figureImage } from "../canvas/plotly.js";
import { openDialog } from "../lib/dialog.js";
import { el } from "../lib/dom.js";
import { isAbort } from "../lib/net.js";
import { loadPdf, PDF_FONT, pdfOf } from "../lib/pdf.js";
import { pngWithTexts } from "../lib/png-text.js";
import { cssColour } from "../lib/theme.js";
import { notify, notifyError } from "../lib/toast.js";
import { portable } from "../print/portable.js";
import { headed } from "./headed.js";
import { textsOf } from "./origin.js";

/**
 * @import { AddBody, DataKind, Figure } from "../contract.js"
 * @import { StagePanel } from "./panel.js"
 */

/**
 * What saving needs of the stage.
 *
 * @typedef {object} ExportStage
 * @property {StagePanel[]} panels
 * @property {{ pause(): void }} playback
 * @property {{ start(): Promise<void>, one(panel: StagePanel): Promise<void> }} settler
 * @property {(more?: Record<string, unknown>) => string} permalink
 *
 * What a panel says of a file that is made of it.
 *
 * @typedef {object} Saved
 * @property {string} stem of the file's name
 * @property {string[]} more what is said after the title
 * @property {{ permalink: string, version: string }} origin where it comes from
 *
 * A figure as a file shows it, and what is written into the file.
 *
 * @typedef {object} Shot
 * @property {Figure} figure
 * @property {number} width pixels on the screen
 * @property {number} height
 * @property {{ permalink: string, version: string }} origin
 * @property {string} title
 *
 * What can be saved, whatever it shows.
 *
 * @typedef {object} Savable
 * @property {HTMLElement} element
 * @property {() => string} heading
 * @property {(extension: string) => string} fileName
 * @property {() => Promise<Shot>} shot
 * @property {(kind: DataKind) => Promise<Blob>} data the numbers behind it
 * @property {() => string} permalink
 * @property {() => AddBody} asked what freezes it in a report
 * @property {() => string} [run] whose stored arrays it shows, if those of one
 */

const SAVED = "grokdash:saved";

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
 */
function cursorShapes(panel, gd) {
  if (!panel.view.cursor) return [];
  const log = gd._fullLayout.xaxis.type === "log";
  const halo = { color: cssColour("--gd-halo"), width: 3 };
  return panel
    .cursors()
    .filter(({ x }) => x > 0 || !log)
    .flatMap(({ x, colour }) => {
      const place = { type: "line", x0: x, x1: x, xref: "x", y0: 0, y1: 1, yref: "paper" };
      const line = { color: colour || cssColour("--gd-accent"), width: 1 };
      return [halo, line].map((one) => ({ ...place, line: one }));
    });
}

/**
 * The figure of a panel with lines above it that name it.
 * @param {StagePanel} panel
 * @param {string[]} more
 */
export function titled(panel, more) {
  const { gd } = panel.picture;
  if (!gd?._fullLayout) throw new Error(`${panel.title} has nothing to save.`);
  const { width, height } = gd._fullLayout;
  const margin = { ...gd._fullLayout.margin };
  if (panel.isHost) margin.t += 18;
  const layout = {
    ...gd.layout,
    showlegend: gd.layout.showlegend || panel.isHost,
    shapes: [...(gd.layout.shapes || []), ...cursorShapes(panel, gd)],
  };
  const figure = { data: gd.data, layout };
  return headed(figure, panel.title, more, { width, height, margin });
}

/** @param {string} address of a picture, with its bytes in it or a blob */
async function bytesOf(address) {
  const [head, body] = address.split(",", 2);
  if (!head.includes("base64")) return (await fetch(address)).arrayBuffer();
  return Uint8Array.from(atob(body), (one) => one.charCodeAt(0)).buffer;
}

/**
 * A figure as SVG that programs other than browsers show alike.
 * @param {Figure} figure
 * @param {{ width: number, height: number }} size
 * @param {string} [family] of fonts, instead of those of the app
 */
async function drawn({ data, layout }, size, family) {
  const look = family ? { ...layout, font: { ...layout.font, family } } : layout;
  const address = await figureImage({ data, layout: look }, { format: "svg", ...size });
  const text = decodeURIComponent(address.slice(address.indexOf(",") + 1));
  return portable(text, family);
}

/**
 * A panel of a stage as something to save.
 * @param {ExportStage} stage
 * @param {StagePanel} panel
 * @returns {Savable}
 */
export function savable(stage, panel) {
  const saved = () => panel.saved(stage.permalink.bind(stage));
  const heading = () => [panel.title, ...saved().more].join(", ");
  return {
    element: panel.element,
    heading,
    fileName: (extension) => `${saved().stem}.${extension}`,
    async shot() {
      await settled(stage, panel);
      const { more, origin } = saved();
      return { ...titled(panel, more), origin, title: heading() };
    },
    data: panel.data.bind(panel),
    permalink: () => stage.permalink(),
    asked: panel.asked.bind(panel),
    run() {
      const { origin } = saved();
      return "run" in origin && !("runs" in origin) ? String(origin.run) : "";
    },
  };
}

/** @typedef {"png" | "svg" | "pdf"} PictureKind */

/** @type {Record<PictureKind, (shot: Shot, scale: number) => Promise<Blob>>} */
const PICTURES = {
  async png({ figure, width, height, origin, title }, scale) {
    const address = await figureImage(figure, { format: "png", width, height, scale });
    return pngWithTexts(await bytesOf(address), textsOf(title, origin));
  },
  async svg({ figure, width, height, origin }) {
    const svg = await drawn(figure, { width, height });
    const told = document.createElementNS(svg.namespaceURI, "metadata");
    told.textContent = JSON.stringify(origin);
    svg.prepend(told);
    const text = new XMLSerializer().serializeToString(svg);
    return new Blob([text], { type: "image/svg+xml" });
  },
  async pdf({ figure, width, height, origin, title }) {
    await loadPdf();
    const svg = await drawn(figure, { width, height }, PDF_FONT);
    const { Software, Source, grokdash } = textsOf(title, origin);
    const about = { title, creator: Software, subject: Source, keywords: grokdash };
    return pdfOf(svg, { width, height }, about);
  },
};

/**
 * @param {Savable} what
 * @param {PictureKind} kind
 * @param {number} [scale] pixels of the file per pixel of the screen
 */
export async function savePicture(what, kind, scale = 1) {
  try {
    saveBlob(await PICTURES[kind](await what.shot(), scale), what.fileName(kind));
  } catch (error) {
    notifyError(error);
  }
}

/**
 * Put a picture where other programs paste from.
 * @param {Savable} what
 */
export async function copyPicture(what) {
  try {
    if (!navigator.clipboard?.write)
      throw new Error(
        "This browser lets pages copy pictures over https or from localhost only: save PNG.",
      );
    const png = what.shot().then((shot) => PICTURES.png(shot, 2));
    await navigator.clipboard.write([new ClipboardItem({ "image/png": png })]);
    notify("Picture copied.");
  } catch (error) {
    notifyError(error);
  }
}

/**
 * @param {Savable} what
 * @param {DataKind} kind
 */
export async function saveData(what, kind) {
  try {
    saveBlob(await what.data(kind), what.fileName(kind));
  } catch (error) {
    if (!isAbort(error)) notifyError(error);
  }
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
