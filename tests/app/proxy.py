"""A reverse proxy of a few lines: what JupyterHub and nginx do with a path below."""

import http.client
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_OWN = {"connection", "transfer-encoding", "keep-alive", "content-length"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, proxy: "Proxy", *arguments) -> None:
        self.proxy = proxy
        super().__init__(*arguments)

    def answer(self) -> None:
        """Pass a request on, or note that it strayed."""
        proxy = self.proxy
        if not self.path.startswith(f"{proxy.prefix}/"):
            proxy.strayed.append(self.path)
            self.send_error(404)
            return
        headers = _passed_on(self.headers.items()) | {
            "X-Forwarded-Prefix": proxy.prefix
        }
        size = int(self.headers.get("Content-Length") or 0)
        behind = http.client.HTTPConnection(proxy.target)
        path = self.path.removeprefix(proxy.prefix)
        behind.request(self.command, path, self.rfile.read(size), headers)
        found = behind.getresponse()
        content = found.read()
        behind.close()
        self.send_response(found.status)
        for name, value in _passed_on(found.getheaders()).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = answer  # noqa: N815 - as the library calls them

    def log_message(self, format, *_: object) -> None:  # noqa: A002 - as inherited
        """Say nothing."""


def _passed_on(headers) -> dict[str, str]:
    return {name: value for name, value in headers if name.lower() not in _OWN}


class _Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address) -> None:
        """Say nothing: a browser that leaves a page lets go of what it asked for."""


class Proxy:
    """Serve what is at an address below a path, while the block runs.

    ``strayed`` lists the paths outside of it that somebody asked for. Like Jupyter's
    proxy, it takes the path off, names it in X-Forwarded-Prefix, and keeps the name of
    the host.
    """

    def __init__(self, address: str, prefix: str) -> None:
        self.target = urlsplit(address).netloc
        self.prefix = prefix
        self.strayed: list[str] = []
        self._server = _Server(("127.0.0.1", 0), partial(_Handler, self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.address = f"http://127.0.0.1:{self._server.server_port}{prefix}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
