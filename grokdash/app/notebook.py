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
from grokdash.errors import ConfigError
from grokdash.store import open_store

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
      show(proxied);
      return;
    }
  }
  const advice = "pip install jupyter-server-proxy where Jupyter runs, start Jupyter " +
    "again, and run this cell.";
  if (near) {
    show("http://127.0.0.1:PORT/TOKEN/");
    say(`Nothing there? Run the cell again. Or the notebook runs elsewhere: ${advice}`);
  } else {
    say(`This notebook runs on another computer: ${advice}`);
  }
})();
</script>
"""


def show(store: str | Path, height: int) -> None:
    """Serve a store from this process and show it below the cell.

    Raises
    ------
    ConfigError
        If this is no notebook.
    """
    # A notebook has loaded IPython long ago; nobody else needs it.
    python: Any = sys.modules.get("IPython")
    if python is None or not hasattr(python.get_ipython(), "kernel"):
        raise ConfigError(
            "grokdash.show: works in a notebook; elsewhere use: grokdash serve STORE"
        )
    place = str(store)
    port, token = _served(place if "://" in place else str(Path(place).resolve()))
    python.display.display(python.display.HTML(frame(port, token, height)))


def frame(port: int, token: str, height: int) -> str:
    """Write the frame of an app that is served on a port below a token."""
    values = {
        "NAME": f"grokdash-{secrets.token_hex(4)}",
        "PORT": port,
        "TOKEN": token,
        "HEIGHT": int(height),
    }
    text = _FRAME
    for name, value in values.items():
        text = text.replace(name, escape(str(value)))
    return text


@cache
def _served(store: str) -> tuple[int, str]:
    """Serve a store for as long as this process lives; the same again for the same."""
    token = secrets.token_urlsafe(16)
    access = Access(token=token, token_in_path=True, frames=FRAMES)
    opened = open_store(store)
    app: Any = create_app(opened, access=access, read_only=opened.read_only)
    listener = socket.create_server(("127.0.0.1", 0))
    server = make_server(app, listener)
    threading.Thread(target=server.run, name="grokdash", daemon=True).start()
    return listener.getsockname()[1], token
