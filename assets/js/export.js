/* Pictures and numbers of panels as files that say where they come from. */
(function (g) {
  "use strict";

  const HEAD = 26;
  const FOOT = 18;

  g.originOf = function (session, panel, epoch) {
    const { manifest } = session;
    return {
      run: session.runId,
      title: manifest.title,
      config: manifest.config_hash || "",
      view: panel ? panel.id : "all",
      epoch,
      selection: session.selection,
      permalink: g.permalink(session, { e: epoch }),
      version: manifest.version,
    };
  };

  g.fileName = (session, view, epoch, extension) =>
    `${session.runId}__${view}__e${String(epoch).padStart(6, "0")}.${extension}`;

  g.saveBlob = function (blob, name) {
    const link = g.el("a", { href: URL.createObjectURL(blob), download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    document.dispatchEvent(new CustomEvent("grokdash:saved", { detail: { name, blob } }));
  };

  /** Wait until a panel shows the exact figure of the epoch. */
  async function settled(session, panel) {
    session.playback.pause();
    if (panel.plotted) await session.settler.one(panel);
    if (!panel.plotted || panel.missing) throw new Error(`${panel.view.title} has nothing to save.`);
  }

  function shownEpoch(session, panel) {
    return panel.pinned ?? session.steps[session.playhead.want];
  }

  /** On charts over epochs the epoch is a line, as on the screen. */
  function cursorShape(epoch) {
    const line = { color: g.cssColour("--gd-accent"), width: 1 };
    return { type: "line", x0: epoch, x1: epoch, xref: "x", y0: 0, y1: 1, yref: "paper", line };
  }

  /** The figure of a panel with a title line above it. */
  function titled(session, panel) {
    const { gd } = panel;
    const { width, height } = gd._fullLayout;
    const margin = { ...gd._fullLayout.margin };
    const epoch = shownEpoch(session, panel);
    if (panel.isHost) margin.t += 18;
    const layout = {
      ...gd.layout,
      showlegend: gd.layout.showlegend || panel.isHost,
      autosize: false,
      width,
      height: height + HEAD,
      margin: { l: margin.l, r: margin.r, b: margin.b, t: margin.t + HEAD },
      shapes: [...(gd.layout.shapes || []), ...(panel.view.cursor ? [cursorShape(epoch)] : [])],
      title: {
        text: `<b>${panel.view.title}</b>  epoch ${g.formatEpoch(epoch)}`,
        font: { size: 13 },
        x: 0,
        xref: "container",
        xanchor: "left",
        y: 1,
        yref: "container",
        yanchor: "top",
        pad: { l: 8, t: 8 },
      },
    };
    return { figure: { data: gd.data, layout }, width, height: height + HEAD };
  }

  function fetchData(address) {
    return fetch(address).then((answer) => answer.arrayBuffer());
  }

  function bytesOf(address) {
    const [head, body] = address.split(",", 2);
    if (!head.includes("base64")) return fetchData(address);
    return Uint8Array.from(atob(body), (one) => one.charCodeAt(0)).buffer;
  }

  function svgWithOrigin(address, origin) {
    const text = decodeURIComponent(address.slice(address.indexOf(",") + 1));
    const escaped = JSON.stringify(origin)
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;");
    const end = text.indexOf(">") + 1;
    return `${text.slice(0, end)}<metadata>${escaped}</metadata>${text.slice(end)}`;
  }

  g.exportPicture = async function (session, panel, kind, scale) {
    try {
      await settled(session, panel);
      const { figure, width, height } = titled(session, panel);
      const epoch = shownEpoch(session, panel);
      const origin = g.originOf(session, panel, epoch);
      const options = { format: kind, width, height, scale };
      const address = await window.Plotly.toImage(figure, options);
      const blob =
        kind === "svg"
          ? new Blob([svgWithOrigin(address, origin)], { type: "image/svg+xml" })
          : g.pngWithTexts(await bytesOf(address), pngTexts(origin));
      g.saveBlob(blob, g.fileName(session, panel.id, epoch, kind));
    } catch (error) {
      g.toast(error.message, "problem");
    }
  };

  function pngTexts(origin) {
    return {
      Title: `${origin.title} - ${origin.view} - epoch ${origin.epoch}`,
      Software: "grokdash " + (origin.version || ""),
      Source: origin.permalink,
      grokdash: JSON.stringify(origin),
    };
  }

  g.dataPath = function (session, panel, kind) {
    const query = g.query({ e: shownEpoch(session, panel), v: session.fingerprint, ...session.selection });
    return `/api/run/${session.run}/data/${panel.id}.${kind}?${query}`;
  };

  g.exportData = async function (session, panel, kind) {
    try {
      const blob = await g.getBlob(g.dataPath(session, panel, kind));
      g.saveBlob(blob, g.fileName(session, panel.id, shownEpoch(session, panel), kind));
    } catch (error) {
      if (!g.isAbort(error)) g.toast(error.message, "problem");
    }
  };

  async function picture(figure, width, height, scale) {
    const address = await window.Plotly.toImage(figure, { format: "png", width, height, scale });
    const image = new Image();
    image.src = address;
    await image.decode();
    return image;
  }

  /** Every panel of the page on one sheet, placed as on the screen. */
  g.exportAll = async function (session) {
    try {
      session.playback.pause();
      await session.settler.start();
      const panels = session.panels.filter((panel) => panel.plotted && !panel.missing);
      const boxes = panels.map((panel) => panel.body.getBoundingClientRect());
      const left = Math.min(...boxes.map((box) => box.left));
      const top = Math.min(...boxes.map((box) => box.top)) - HEAD;
      const right = Math.max(...boxes.map((box) => box.right));
      const bottom = Math.max(...boxes.map((box) => box.bottom));
      const scale = 2;
      const sheet = document.createElement("canvas");
      sheet.width = scale * (right - left + 16);
      sheet.height = scale * (bottom - top + HEAD + FOOT + 16);
      const context = sheet.getContext("2d");
      context.scale(scale, scale);
      context.fillStyle = g.cssColour("--gd-surface");
      context.fillRect(0, 0, sheet.width, sheet.height);
      context.fillStyle = g.cssColour("--gd-text");
      context.font = "600 13px system-ui, sans-serif";
      const epoch = session.steps[session.playhead.want];
      const origin = g.originOf(session, null, epoch);
      context.fillText(`${origin.title} · epoch ${g.formatEpoch(epoch)}`, 8, 18);
      for (const [i, panel] of panels.entries()) {
        const { figure, width, height } = titled(session, panel);
        const image = await picture(figure, width, height, scale);
        const box = boxes[i];
        context.drawImage(image, box.left - left + 8, box.top - top + 8, width, height);
      }
      context.font = "11px system-ui, sans-serif";
      context.fillStyle = g.cssColour("--gd-quiet");
      const foot = `${origin.run} · config ${origin.config} · ${origin.permalink}`;
      context.fillText(foot, 8, sheet.height / scale - 8, sheet.width / scale - 16);
      const blob = await new Promise((resolve) => sheet.toBlob(resolve, "image/png"));
      const named = g.pngWithTexts(await blob.arrayBuffer(), pngTexts(origin));
      g.saveBlob(named, g.fileName(session, session.config.page || "all", epoch, "png"));
    } catch (error) {
      g.toast(error.message, "problem");
    }
  };

  g.copyLink = async function (session, more) {
    const link = g.permalink(session, more);
    try {
      await navigator.clipboard.writeText(link);
      g.toast("Link copied.");
    } catch (error) {
      const field = g.el("input", { class: "field wide", readonly: true, value: link, "aria-label": "Link" });
      g.dialog("Link to this picture", field);
      field.select();
    }
  };
})((window.grokdash = window.grokdash || {}));
