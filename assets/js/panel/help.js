/** The "?" of a panel: its guide in a dialog. */

import { queryString } from "../lib/address.js";
import { openDialog } from "../lib/dialog.js";
import { el } from "../lib/dom.js";
import { appUrl } from "../lib/net.js";
import { notifyError } from "../lib/toast.js";

/** @import { Source } from "../frames/source.js" */

/**
 * @param {string} operation
 * @param {string} view
 */
const guidePath = (operation, view) => `/guide/reference?${queryString({ operation })}#${view}`;

/**
 * @param {string} operation
 * @param {string} view
 */
const wayOn = (operation, view) =>
  el("p", {}, el("a", { href: appUrl(guidePath(operation, view)) }, "In the guide"));

/**
 * @param {Source} source
 * @param {string} view
 */
export async function showGuide(source, view) {
  let guide;
  try {
    guide = await source.guide(view);
  } catch (error) {
    notifyError(error);
    return;
  }
  const list = el("dl", { class: "guide-list" });
  for (const { label, text } of guide.parts) list.append(el("dt", {}, label), el("dd", {}, text));
  openDialog(guide.title, {
    content: [
      guide.question ? el("p", { class: "question" }, guide.question) : null,
      list,
      guide.formula ? el("p", { class: "formula" }, guide.formula) : null,
      source.standsAlone ? null : wayOn(guide.operation, view),
    ],
  });
}
