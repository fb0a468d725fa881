/* What every button does; shortcuts press the same actions. */
(function (g) {
  "use strict";

  function panelOf(element) {
    const figure = element && element.closest && element.closest("figure.panel");
    return figure && g.session ? g.session.panels.find((one) => one.element === figure) : null;
  }

  /** The panel under the focus, else the first one below the loss chart. */
  g.focusedPanel = function () {
    const { session } = g;
    if (!session) return null;
    const panel = panelOf(document.activeElement) || session.lastPanel;
    return panel || session.panels.find((one) => !one.isHost) || session.panels[0] || null;
  };

  function step(session, by) {
    session.playback.pause();
    session.playhead.seek(session.playhead.want + by, "step");
    session.emit("hand");
  }

  function jump(session, index) {
    session.playback.pause();
    session.playhead.seek(index, "step");
    session.emit("hand");
  }

  function toGrok(session) {
    const { markers = [], grok } = session.manifest;
    const find = (label) => (markers.find((mark) => mark.label === label) || {}).step;
    const grokked = find("grokked") ?? (grok && grok.high);
    const memorised = find("memorised");
    const places = (session.groks || [grokked, memorised]).filter((epoch) => epoch !== undefined && epoch !== null);
    if (!places.length) {
      g.toast((grok && grok.text) || "This run has not grokked.");
      return;
    }
    const indices = places.map((epoch) => g.nearestIndex(session.steps, epoch));
    const here = indices.indexOf(session.playhead.want);
    jump(session, indices[(here + 1) % indices.length]);
  }

  function pin(session, panel) {
    if (!panel.perStep) {
      g.toast("This panel shows all epochs at once; there is nothing to pin.");
      return;
    }
    panel.pin(panel.pinned === null ? session.steps[session.playhead.want] : null);
    panel.endScrub();
    session.emit("pinned");
    session.prefetcher.pump();
    session.settler.one(panel);
  }

  function fullScreen(panel) {
    if (document.fullscreenElement) document.exitFullscreen();
    else panel.element.requestFullscreen().catch(() => panel.element.classList.toggle("zoomed"));
  }

  const RUN_ACTIONS = {
    play: (s) => s.playback.toggle(),
    first: (s) => jump(s, 0),
    last: (s) => jump(s, s.steps.length - 1),
    previous: (s) => step(s, -1),
    next: (s) => step(s, 1),
    "previous-10": (s) => step(s, -10),
    "next-10": (s) => step(s, 10),
    slower: (s) => s.playback.faster(-1),
    faster: (s) => s.playback.faster(1),
    loop: (s) => s.playback.setLoop(!s.playback.loop),
    follow: (s) => s.emit("follow"),
    grok: (s) => toGrok(s),
    "previous-k": (s) => s.select({ k: s.selection.k - 1 }),
    "next-k": (s) => s.select({ k: s.selection.k + 1 }),
    range: (s) => s.select({ norm: s.selection.norm === "epoch" ? "run" : "epoch" }),
    "copy-link": (s) => g.copyLink(s),
    "export-all": (s) => g.exportAll(s),
  };

  const PANEL_ACTIONS = {
    pin: (s, panel) => pin(s, panel),
    full: (s, panel) => fullScreen(panel),
    help: (s, panel) => g.showGuide(panel.id),
    menu: (s, panel, button) => g.openMenu(s, panel, button),
    save: (s, panel) => g.exportPicture(s, panel, "png", 2),
  };

  const PAGE_ACTIONS = {
    theme: () => g.toggleTheme(),
    keys: () => g.byId("keys-dialog").showModal(),
    "close-dialog": (button) => button.closest("dialog").close(),
  };

  /** Do what a button or a shortcut names. */
  g.act = function (name, source) {
    if (PAGE_ACTIONS[name]) {
      PAGE_ACTIONS[name](source);
      return true;
    }
    const { session } = g;
    if (!session || !session.playhead || !session.steps.length) return false;
    if (RUN_ACTIONS[name]) {
      RUN_ACTIONS[name](session);
      return true;
    }
    const panel = panelOf(source) || g.focusedPanel();
    if (!PANEL_ACTIONS[name] || !panel) return false;
    PANEL_ACTIONS[name](panel.session, panel, source);
    return true;
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (button) {
      g.act(button.dataset.act, button);
      return;
    }
    const badge = event.target.closest(".panel.pinned .panel-badge");
    if (badge) g.act("pin", badge);
  });

  document.addEventListener("focusin", (event) => {
    const panel = panelOf(event.target);
    if (panel) g.session.lastPanel = panel;
  });
})((window.grokdash = window.grokdash || {}));
