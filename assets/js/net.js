/* Fetching: JSON, binary, errors in words, and the "server gone" banner. */
(function (g) {
  "use strict";

  class ServerError extends Error {
    constructor(message, status) {
      super(message);
      this.status = status;
    }
  }
  g.ServerError = ServerError;

  let gone = false;
  let delay = 1000;

  function showBanner(visible) {
    const banner = g.byId("server-gone");
    if (banner) banner.hidden = !visible;
  }

  function lost() {
    if (gone) return;
    gone = true;
    delay = 1000;
    showBanner(true);
    setTimeout(probe, delay);
  }

  function found() {
    if (!gone) return;
    gone = false;
    showBanner(false);
    document.dispatchEvent(new CustomEvent("grokdash:back"));
  }

  async function probe() {
    if (!gone) return;
    try {
      await fetch(g.url("/api/runs"), { method: "HEAD", cache: "no-store" });
      found();
    } catch (error) {
      delay = Math.min(delay * 1.7, 15000);
      setTimeout(probe, delay);
    }
  }

  /** Prefix a path of the app with where the app is mounted. */
  g.url = function (path) {
    const script = document.getElementById("_dash-config");
    let prefix = "/";
    if (script) prefix = JSON.parse(script.textContent).requests_pathname_prefix || "/";
    return prefix.replace(/\/$/, "") + path;
  };

  g.query = function (values) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(values)) {
      if (value !== null && value !== undefined && value !== "") query.set(name, value);
    }
    return query.toString();
  };

  async function request(path, options) {
    let response;
    try {
      response = await fetch(g.url(path), options);
    } catch (error) {
      if (error.name !== "AbortError") lost();
      throw error;
    }
    found();
    if (response.ok) return response;
    let message = response.status + " " + response.statusText;
    try {
      message = (await response.json()).error || message;
    } catch (error) {
      /* not JSON: the status line must do */
    }
    throw new ServerError(message, response.status);
  }

  g.getJson = async (path, options) => (await request(path, options)).json();
  g.getBuffer = async (path, options) => (await request(path, options)).arrayBuffer();
  g.getBlob = async (path, options) => (await request(path, options)).blob();

  g.postJson = (path, body) =>
    request(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Grokdash": "1" },
      body: JSON.stringify(body),
    });

  g.isAbort = (error) => Boolean(error) && error.name === "AbortError";
  g.isNetwork = (error) => error instanceof TypeError;
})((window.grokdash = window.grokdash || {}));
