/** What stands above a report: its title, whether it is saved, what it is saved as. */

import { el, setText } from "../lib/dom.js";
import { KINDS } from "./files.js";

/**
 * @import { ShownItem } from "../contract.js"
 * @import { FileKind } from "./files.js"
 */

/**
 * @param {string} words
 * @param {() => void} press
 */
export function button(words, press) {
  const made = el("button", { type: "button", class: "tool" }, words);
  made.addEventListener("click", press);
  return made;
}

/**
 * A title that is a field on the screen and plain on paper.
 * @param {object} what
 * @param {"h1" | "h2"} what.tag
 * @param {string} what.label
 * @param {string} what.title
 * @param {boolean} what.writable
 * @param {(title: string) => void} what.changed
 * @param {() => void} what.done
 */
export function titleField({ tag, label, title, writable, changed, done }) {
  const printed = el(tag, {}, title);
  if (!writable) return title ? [printed] : [];
  printed.classList.add("report-printed");
  const field = el("input", {
    class: "report-title",
    value: title,
    maxlength: 200,
    placeholder: "Without a title",
    "aria-label": label,
  });
  field.addEventListener("input", () => {
    setText(printed, field.value);
    changed(field.value);
  });
  field.addEventListener("blur", done);
  field.addEventListener("keydown", ({ key }) => key === "Enter" && field.blur());
  return [field, printed];
}

/**
 * What was removed before, behind a line that says how much.
 * @param {ShownItem[]} items
 * @param {(item: ShownItem) => void} putBack
 */
export function removedList(items, putBack) {
  const rows = items.map((item) => {
    const name = item.title || "words without a title";
    const row = el("li", {}, `${name} ${item.about && "· "}${item.about}`);
    const back = button("Put back", () => {
      row.remove();
      putBack(item);
    });
    back.setAttribute("aria-label", `Put back: ${name}`);
    row.append(back);
    return row;
  });
  const summary = el("summary", {}, `Removed before: ${items.length}`);
  return el("details", { class: "report-gone" }, summary, el("ul", {}, ...rows));
}

/**
 * What a report is saved as, behind one button.
 * @param {object} does
 * @param {(kind: FileKind) => void} does.save
 * @param {() => void} does.print
 * @param {(() => void) | null} does.duplicate
 */
export function filesMenu({ save, print, duplicate }) {
  const menu = el(
    "details",
    { class: "report-files" },
    el("summary", { class: "tool" }, "Save as"),
  );
  const closing = (/** @type {() => void} */ press) => () => {
    menu.open = false;
    press();
  };
  const kinds = /** @type {FileKind[]} */ (Object.keys(KINDS));
  const list = el(
    "div",
    { class: "report-menu" },
    ...kinds.map((kind) =>
      button(
        KINDS[kind].words,
        closing(() => save(kind)),
      ),
    ),
    button("Print …", closing(print)),
    duplicate && button("Duplicate", closing(duplicate)),
  );
  menu.append(list);
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
  return menu;
}
