/* The loss chart above the scrub bar: a low strip needs its room for the curves. */
(function (g) {
  "use strict";

  /** Fit the layout of a figure to where it stands; keeps what an export needs. */
  g.adaptLayout = function (layout, element) {
    if (!element.classList.contains("panel-strip") || document.fullscreenElement) return;
    layout.dragmode = false;
    layout.showlegend = false;
    layout.margin = { ...layout.margin, t: 6, b: 20 };
    for (const name of Object.keys(layout)) {
      if (/^xaxis\d*$/.test(name)) layout[name].title = { text: "" };
    }
  };

  const DASHES = { dash: "5 3", dot: "1.5 2", dashdot: "5 2 1.5 2" };

  function swatch(line) {
    const svg = "http://www.w3.org/2000/svg";
    const picture = document.createElementNS(svg, "svg");
    picture.setAttribute("width", "22");
    picture.setAttribute("height", "8");
    picture.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(svg, "path");
    path.setAttribute("d", "M0 4H22");
    path.setAttribute("stroke", line.color);
    path.setAttribute("stroke-width", "2");
    path.setAttribute("stroke-dasharray", DASHES[line.dash] || "");
    picture.append(path);
    return picture;
  }

  /** Names of the curves beside the title. */
  function legend(panel) {
    let box = panel.element.querySelector(".strip-legend");
    if (!box) {
      box = g.el("span", { class: "strip-legend" });
      panel.element.querySelector(".panel-head h2").after(box);
    }
    const traces = panel.gd._fullData.filter((trace) => trace.type === "scatter" && trace.name);
    box.replaceChildren(
      ...traces.map((trace) => g.el("span", {}, swatch(trace.line || {}), trace.name)),
    );
  }

  (g.PARTS = g.PARTS || []).push(function (session) {
    session.on("plotted", (panel) => {
      if (panel.isHost) legend(panel);
    });
  });
})((window.grokdash = window.grokdash || {}));
