/** What starting a sweep would do, as its form says it. */

import { closeDialog } from "../lib/dialog.js";
import { el } from "../lib/dom.js";
import { problem } from "../lib/form.js";
import { follow } from "../lib/navigation.js";
import { saveBlob } from "../panel/export.js";

/** @import { SweepVerdict } from "../contract.js" */

/**
 * @param {SweepVerdict} verdict
 * @param {string} href of the page of the sweep
 */
export function verdictParts(verdict, href) {
  const { sweep, room, exists } = verdict;
  return [
    el("p", {}, el("code", { id: "sweep-id" }, sweep)),
    costs(verdict),
    exists ? existing(verdict, href) : null,
    room ? problem(room) : null,
    asCommand(verdict),
  ].filter((part) => part !== null);
}

/** @param {SweepVerdict} verdict */
function costs({ runs, left, duration, basis, size }) {
  const count = left < runs ? `${left} of ${runs} runs are left` : `${runs} runs`;
  if (!left) return el("p", {}, `All ${runs} runs are trained.`);
  return el(
    "p",
    { id: "sweep-cost" },
    el("strong", {}, `${count}, ${duration}`),
    ` (${basis}), ${size} on disk.`,
  );
}

/**
 * @param {SweepVerdict} verdict
 * @param {string} href
 */
function existing({ driven }, href) {
  const open = el("a", { href }, "open it");
  open.addEventListener("click", (event) => {
    if (follow(event, href)) closeDialog();
  });
  const words = driven ? "This sweep is being trained: " : "This sweep is stored: ";
  return el("p", {}, words, open, ".");
}

/** @param {SweepVerdict} verdict */
function asCommand({ command, file, text }) {
  const save = el("button", { type: "button", class: "tool framed" }, `Save ${file}`);
  save.addEventListener("click", () =>
    saveBlob(new Blob([text], { type: "application/toml" }), file),
  );
  return el(
    "details",
    {},
    el("summary", { class: "quiet" }, "As a command and a file"),
    el("pre", {}, command),
    el("pre", {}, text.trim()),
    file ? save : null,
  );
}
