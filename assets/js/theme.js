/* Light and dark: one attribute on <html>; figures are made anew in the other theme. */
(function (g) {
  "use strict";

  g.toggleTheme = function () {
    const next = g.theme() === "dark" ? "light" : "dark";
    document.documentElement.setAttribute("data-bs-theme", next);
    g.remember("theme", next);
    document.dispatchEvent(new CustomEvent("grokdash:theme"));
  };

  (g.PARTS = g.PARTS || []).push(function (session) {
    const change = () => {
      session.timeline.bandSoon();
      session.playhead.invalidate();
      session.settler.soon(0);
    };
    document.addEventListener("grokdash:theme", change, { signal: session.signal });
  });
})((window.grokdash = window.grokdash || {}));
