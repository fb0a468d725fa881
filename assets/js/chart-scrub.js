/* Hovering or dragging over the loss chart moves the playhead. */
(function (g) {
  "use strict";

  const DWELL_MS = 90;

  function epochAt(gd, clientX) {
    const plot = g.subplots(gd)[0];
    if (!plot) return NaN;
    const box = gd.getBoundingClientRect();
    const x = clientX - box.left - plot.xa._offset;
    return plot.xa.p2c(g.clamp(x, 0, plot.xa._length));
  }

  function inside(gd, event) {
    const plot = g.subplots(gd)[0];
    if (!plot) return false;
    const box = gd.getBoundingClientRect();
    const x = event.clientX - box.left - plot.xa._offset;
    const y = event.clientY - box.top - plot.ya._offset;
    return x >= -4 && x <= plot.xa._length + 4 && y >= -4 && y <= plot.ya._length + 24;
  }

  function start(session) {
    const panel = session.panel(session.cursorHost);
    if (!panel) return;
    const { body } = panel;
    let enteredAt = 0;
    let pressed = false;

    function go(event, source) {
      const gd = panel.gd;
      if (!gd || !gd._fullLayout || !panel.plotted || !session.steps.length) return;
      const index = g.nearestIndex(session.steps, epochAt(gd, event.clientX));
      session.emit("hand");
      session.playhead.seek(index, source);
    }

    function onMove(event) {
      const gd = panel.gd;
      if (!gd || !gd._fullLayout || !(pressed || inside(gd, event))) {
        enteredAt = 0;
        return;
      }
      const now = performance.now();
      if (!enteredAt) enteredAt = now;
      const hovering = event.pointerType === "mouse" && event.buttons === 0;
      if (pressed) {
        session.playback.pause();
        go(event, "chart");
      } else if (hovering && !session.playhead.playing && now - enteredAt > DWELL_MS) {
        go(event, "chart");
      }
    }

    function onDown(event) {
      const gd = panel.gd;
      if (!gd || !gd._fullLayout || !inside(gd, event) || event.button > 0) return;
      pressed = true;
      session.playback.pause();
      go(event, "chart");
    }

    const options = { signal: session.signal, capture: true, passive: true };
    body.classList.add("chart-scrub");
    body.addEventListener("pointermove", onMove, options);
    body.addEventListener("pointerdown", onDown, options);
    window.addEventListener("pointermove", (event) => pressed && onMove(event), options);
    for (const name of ["pointerup", "pointercancel"]) {
      window.addEventListener(name, () => (pressed = false), options);
    }
    body.addEventListener("pointerleave", () => (enteredAt = 0), options);
  }

  /** On other charts over epochs a click goes there; dragging still zooms. */
  function clicks(session) {
    session.on("graph", (panel, gd) => {
      if (!panel.view.cursor || panel.isHost) return;
      gd.on("plotly_click", (event) => {
        const epoch = event.points[0] && event.points[0].x;
        if (typeof epoch !== "number") return;
        session.playback.pause();
        session.playhead.seek(g.nearestIndex(session.steps, epoch), "chart");
      });
    });
  }

  (g.PARTS = g.PARTS || []).push(start, clicks);
})((window.grokdash = window.grokdash || {}));
