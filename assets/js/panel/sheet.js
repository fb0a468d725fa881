/** Every panel of a page on one sheet. */

import { figureImage } from "../canvas/plotly.js";
import { formatEpoch } from "../lib/numbers.js";
import { pngWithTexts } from "../lib/png-text.js";
import { cssColour } from "../lib/theme.js";
import { notifyError } from "../lib/toast.js";
import { saveBlob, titled } from "./export.js";
import { originOf, stemOf, textsOf } from "./origin.js";

/**
 * @import { Figure } from "../contract.js"
 * @import { ExportStage } from "./export.js"
 * @import { About, Origin } from "./origin.js"
 */

/** @typedef {ExportStage & { pageName: string, about: () => About }} SheetStage */

const HEAD = 26;
const FOOT = 18;

/** @param {Origin} origin */
function epochsOf({ epoch, runs }) {
  const epochs = runs ? [...new Set(runs.map((one) => one.epoch))] : [epoch];
  return `epoch ${epochs.map(formatEpoch).join(" · ")}`;
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
 * @param {SheetStage} stage
 */
export async function exportAll(stage) {
  try {
    stage.playback.pause();
    await stage.settler.start();
    const about = stage.about();
    const origin = originOf(about, "all", stage.permalink({ e: about.epoch }));
    const blob = await sheetOf(stage, origin);
    const title = `${origin.title}, ${epochsOf(origin)}`;
    const named = pngWithTexts(await blob.arrayBuffer(), textsOf(title, origin));
    saveBlob(named, `${stemOf(about, stage.pageName)}.png`);
  } catch (error) {
    notifyError(error);
  }
}

/**
 * @param {SheetStage} stage
 * @param {Origin} origin
 * @returns {Promise<Blob>}
 */
async function sheetOf(stage, origin) {
  const shown = stage.panels.filter((panel) => panel.plotted && !panel.picture.missing);
  const permalink = stage.permalink.bind(stage);
  const figures = shown.map((panel) => titled(panel, panel.saved(permalink).more));
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
  context.fillText(`${origin.title} · ${epochsOf(origin)}`, 8, 18, sheet.width / scale - 16);
  for (const [i, { figure, width, height }] of figures.entries()) {
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
