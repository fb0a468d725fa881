/* Cross-highlighting: what is hovered or selected in one view is marked in all. */
(function (g) {
  "use strict";

  function valueOf(point, place) {
    const raw = place === "point" ? point.pointNumber : point[place];
    const value = Array.isArray(raw) ? raw[0] : raw;
    const number = Number(value);
    return Number.isFinite(number) ? Math.round(number) : null;
  }

  function read(view, point) {
    const found = {};
    for (const [place, name] of Object.entries(view.picks || {})) {
      const value = valueOf(point, place);
      if (value !== null) found[name] = value;
    }
    return found;
  }

  function strokeMarks(context, panel, values, colour, width) {
    const { view, gd } = panel;
    const at = {};
    for (const [place, name] of Object.entries(view.picks || {})) {
      if (name in values) at[place] = values[name];
    }
    if (!Object.keys(at).length) return;
    context.strokeStyle = colour;
    context.lineWidth = width;
    for (const { xa, ya } of g.subplots(gd)) {
      g.insideSubplot(context, xa, ya, () => {
        const x = at.x === undefined ? NaN : xa.c2p(at.x);
        const y = at.y === undefined ? NaN : ya.c2p(at.y);
        context.beginPath();
        if (Number.isFinite(x)) {
          context.moveTo(x, 0);
          context.lineTo(x, ya._length);
        }
        if (Number.isFinite(y)) {
          context.moveTo(0, y);
          context.lineTo(xa._length, y);
        }
        context.stroke();
      });
    }
    if (at.point !== undefined) ringPoint(context, panel, at.point);
  }

  function ringPoint(context, panel, index) {
    const { gd } = panel;
    for (const calc of gd.calcdata) {
      const trace = calc[0] && calc[0].trace;
      if (!trace || trace.type !== "scatter" || !String(trace.mode).includes("markers")) continue;
      const plot = gd._fullLayout._plots[trace.xaxis + trace.yaxis];
      const points = panel.scrubbing && panel.overlay.caches[trace.index]?.points;
      const known = calc[index];
      if (!plot || (!points && !known)) continue;
      const x = points ? points[2 * index] : plot.xaxis.c2p(known.x);
      const y = points ? points[2 * index + 1] : plot.yaxis.c2p(known.y);
      g.insideSubplot(context, plot.xaxis, plot.yaxis, () => {
        context.beginPath();
        context.arc(x, y, 7, 0, 2 * Math.PI);
        context.stroke();
      });
      return;
    }
  }

  /** Draw the marks of one panel: selected values quietly, hovered ones clearly. */
  g.drawMarks = function (panel) {
    const { session, view } = panel;
    if (!Object.keys(view.picks || {}).length) return;
    const context = g.clearedCanvas(panel.marks, panel.gd);
    strokeMarks(context, panel, session.selection, g.cssColour("--gd-mark"), 1);
    if (session.hovered) {
      strokeMarks(context, panel, session.hovered, g.cssColour("--gd-accent"), 1.5);
    }
  };

  function listen(session, panel, gd) {
    if (!Object.keys(panel.view.picks || {}).length) return;
    gd.on("plotly_hover", (event) => {
      if (session.playhead.playing || panel.scrubbing) return;
      session.hovered = read(panel.view, event.points[0]);
      showAll(session);
    });
    gd.on("plotly_unhover", () => {
      session.hovered = null;
      showAll(session);
    });
    gd.on("plotly_click", (event) => {
      session.hovered = null;
      session.select(read(panel.view, event.points[0]));
    });
  }

  function showAll(session) {
    if (session.marksAsked) return;
    session.marksAsked = true;
    requestAnimationFrame(() => {
      session.marksAsked = false;
      if (session.closed) return;
      for (const panel of session.panels) if (panel.visible) panel.drawMarks();
    });
  }

  (g.PARTS = g.PARTS || []).push(function (session) {
    session.on("graph", (panel, gd) => listen(session, panel, gd));
    session.on("selected", () => showAll(session));
    session.on("escape", () => {
      session.hovered = null;
      showAll(session);
    });
  });
})((window.grokdash = window.grokdash || {}));
