/* The menu of a panel, and the table behind it. */
(function (g) {
  "use strict";

  const ROWS = 200;

  const ITEMS = [
    ["PNG, 2×", (s, panel) => g.exportPicture(s, panel, "png", 2)],
    ["PNG, 4×", (s, panel) => g.exportPicture(s, panel, "png", 4)],
    ["SVG", (s, panel) => g.exportPicture(s, panel, "svg", 1)],
    ["CSV", (s, panel) => g.exportData(s, panel, "csv")],
    ["NPY", (s, panel) => g.exportData(s, panel, "npy")],
    ["Data table", (s, panel) => g.showTable(s, panel)],
    ["Copy link", (s) => g.copyLink(s)],
    ["Full screen", (_s, panel) => g.act("full", panel.element)],
  ];

  let open = null;

  function close(focus) {
    if (!open) return;
    const { menu, button } = open;
    open = null;
    menu.remove();
    button.setAttribute("aria-expanded", "false");
    if (focus) button.focus();
  }

  function move(menu, by) {
    const items = [...menu.children];
    const at = items.indexOf(document.activeElement);
    items[(at + by + items.length) % items.length].focus();
  }

  function onKey(event) {
    const { menu } = open;
    if (event.key === "Escape" || event.key === "Tab") close(true);
    else if (event.key === "ArrowDown") move(menu, 1);
    else if (event.key === "ArrowUp") move(menu, -1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  g.openMenu = function (session, panel, button) {
    const again = open && open.button === button;
    close(false);
    if (again || !button || !button.closest) return;
    const anchor = button.dataset.act === "menu" ? button : panel.element.querySelector('[data-act="menu"]');
    const menu = g.el("div", { class: "menu", role: "menu", "aria-label": panel.view.title });
    for (const [label, run] of ITEMS) {
      menu.append(
        g.el(
          "button",
          {
            type: "button",
            role: "menuitem",
            onclick: () => {
              close(false);
              run(session, panel);
            },
          },
          label,
        ),
      );
    }
    menu.addEventListener("keydown", onKey);
    panel.element.querySelector(".panel-head").append(menu);
    anchor.setAttribute("aria-expanded", "true");
    open = { menu, button: anchor };
    menu.firstChild.focus();
  };

  document.addEventListener("pointerdown", (event) => {
    if (open && !open.menu.contains(event.target) && !open.button.contains(event.target)) close(false);
  });

  function table(lines) {
    const rows = lines.map((line) => line.split(","));
    const head = g.el("tr", {}, ...rows[0].map((name) => g.el("th", { scope: "col" }, name)));
    const body = rows
      .slice(1, ROWS + 1)
      .map((row) => g.el("tr", {}, ...row.map((cell) => g.el("td", {}, shorten(cell)))));
    return g.el("table", { class: "numbers" }, g.el("thead", {}, head), g.el("tbody", {}, ...body));
  }

  function shorten(cell) {
    const number = Number(cell);
    if (cell === "" || !Number.isFinite(number) || Number.isInteger(number)) return cell || "–";
    return Number(number.toPrecision(6)).toString();
  }

  /** The numbers of a panel: the first rows of each of its tables. */
  g.showTable = async function (session, panel) {
    let text;
    try {
      text = await (await g.getBlob(g.dataPath(session, panel, "csv"))).text();
    } catch (error) {
      g.toast(error.message, "problem");
      return;
    }
    const lines = text.split("\n").filter((line) => !line.startsWith("#"));
    const parts = lines.join("\n").trim().split("\n\n");
    const tables = parts.map((part) => {
      const rows = part.split("\n");
      const more = rows.length - 1 - ROWS;
      const note = more > 0 ? g.el("p", { class: "quiet" }, `${more} more rows in the CSV`) : null;
      return g.el("div", {}, table(rows), note);
    });
    const epoch = panel.pinned ?? session.steps[session.playhead.want];
    const save = g.el("button", { type: "button", class: "tool" }, "Save CSV");
    save.addEventListener("click", () => g.exportData(session, panel, "csv"));
    g.dialog(`${panel.view.title}, epoch ${g.formatEpoch(epoch)}`, save, g.el("div", { class: "tables" }, ...tables));
  };
})((window.grokdash = window.grokdash || {}));
