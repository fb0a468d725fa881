"""The app in a notebook: a server of this process and a frame that finds the way to it.

A notebook may be looked at from another computer, where 127.0.0.1 is not this one. So
the frame first asks the Jupyter server that it belongs to whether it passes on what
this server answers (jupyter-server-proxy), and else goes to 127.0.0.1.

The server binds this computer alone, and lives below a path that nobody can guess,
because neither the name of the host nor cookies can be relied on in such a frame.
"""

import secrets
import socket
import sys
import threading
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from grokdash.app.factory import create_app
from grokdash.app.posture import Access
from grokdash.app.server import make_server
from grokdash.contract.addresses import run_path
from grokdash.errors import ConfigError
from grokdash.pages.run.panels import SUBJECTS
from grokdash.store import Run, Store, open_store

FRAMES = (
    "self",
    *(
        f"{scheme}://{host}:*"
        for scheme in ("http", "https")
        for host in ("localhost", "127.0.0.1")
    ),
    "vscode-webview:",
    "vscode-file:",
)
"""Who may frame it: the Jupyter that passes it on, notebooks near by, VS Code."""

_FRAME = """
<div id="NAME">
<iframe title="grokdash" style="width:100%;height:HEIGHTpx;border:0"></iframe>
<p style="font-size:smaller"><a target="_blank" rel="noopener">grokdash in a tab of its
own</a>. <span></span></p>
</div>
<script>
(async () => {
  const box = document.getElementById("NAME");
  const show = (address) => {
    box.querySelector("iframe").src = address;
    box.querySelector("a").href = address;
  };
  const say = (text) => { box.querySelector("span").textContent = text; };
  const lab = document.getElementById("jupyter-config-data");
  const { baseUrl: base } = lab ? JSON.parse(lab.textContent) : document.body.dataset;
  const near = !base || ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  if (base) {
    const proxied = `${base}proxy/PORT/TOKEN/`;
    const answer = await fetch(`${proxied}assets/favicon.svg`).catch(() => null);
    if (answer?.ok && answer.headers.get("Content-Type")?.includes("svg")) {
      show(`${proxied}PAGE`);
      return;
    }
  }
  const advice = "pip install jupyter-server-proxy where Jupyter runs, start Jupyter " +
    "again, and run this cell.";
  if (near) {
    show("http://127.0.0.1:PORT/TOKEN/PAGE");
    say(`Nothing there? Run the cell again. Or the notebook runs elsewhere: ${advice}`);
  } else {
    say(`This notebook runs on another computer: ${advice}`);
  }
})();
</script>
"""


RUN_PAGES = {"explore": "", **{subject: subject for subject in SUBJECTS}}
"""The pages of a run by name, and the ends of their paths."""
STORE_PAGES = ("runs", "tour", "compare", "sweeps", "guide")


def show(
    what: "Run | Store | str | Path",
    *,
    page: str | None = None,
    epoch: int | None = None,
    height: int = 720,
    port: int | None = None,
) -> None:
    """Serve a store from this process and show it below the cell.

    See :func:`grokdash.show`.
    """
    # A notebook has loaded IPython long ago; nobody else needs it.
    python: Any = sys.modules.get("IPython")
    if python is None or not hasattr(python.get_ipython(), "kernel"):
        raise ConfigError(
            "grokdash.show: works in a notebook; elsewhere use: grokdash serve STORE"
        )
    path = _path(what, page, epoch)
    at, token = _served(_store(what), port)
    python.display.display(python.display.HTML(frame(at, token, height, path)))


def _store(what: "Run | Store | str | Path") -> str:
    """Name the store: an address, or the absolute path of a folder."""
    if isinstance(what, Run):
        return what.store
    place = what.name if isinstance(what, Store) else str(what)
    return place if "://" in place else str(Path(place).resolve())


def _path(what: object, page: str | None, epoch: int | None) -> str:
    """Give the path of a page of a run or of a store, without the first slash.

    Raises
    ------
    ConfigError
        If there is no such page, or an epoch is asked of a page that has none.
    """
    names = tuple(RUN_PAGES) if isinstance(what, Run) else STORE_PAGES
    whose = "run" if isinstance(what, Run) else "store"
    if page is not None and page not in names:
        raise ConfigError(
            f"page: the pages of a {whose} are {', '.join(names)}; got {page!r}"
        )
    if not isinstance(what, Run):
        if epoch is not None:
            raise ConfigError("epoch: a store has none; show a run: store.run(run_id)")
        return "" if page in (None, "runs") else str(page)
    path = run_path(what.id, RUN_PAGES[page or "explore"]).removeprefix("/")
    path = path.replace("'", "%27")  # it stands in a script
    return path if epoch is None else f"{path}?e={what.at(epoch).epoch}"


def frame(port: int, token: str, height: int, path: str = "") -> str:
    """Write the frame of an app that is served on a port below a token."""
    values = {
        "NAME": f"grokdash-{secrets.token_hex(4)}",
        "PORT": port,
        "TOKEN": token,
        "HEIGHT": int(height),
        "PAGE": path,
    }
    text = _FRAME
    for name, value in values.items():
        text = text.replace(name, escape(str(value)))
    return text


@cache
def _served(store: str, port: int | None) -> tuple[int, str]:
    """Serve a store for as long as this process lives; the same again for the same."""
    token = secrets.token_urlsafe(16)
    access = Access(token=token, token_in_path=True, frames=FRAMES)
    opened = open_store(store)
    listener = _listener(port or 0)
    app: Any = create_app(opened, access=access, read_only=opened.read_only)
    server = make_server(app, listener)
    threading.Thread(target=server.run, name="grokdash", daemon=True).start()
    return listener.getsockname()[1], token


def _listener(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        raise ConfigError(
            f"port: {port} cannot be had on 127.0.0.1 ({error}); give another, or "
            "none for any that is free"
        ) from error
