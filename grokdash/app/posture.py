"""What stands between the app and the network: hosts, origins, headers, token.

The app binds to this computer alone unless told otherwise; a page of another site can
neither read it (Host and Origin are checked), nor make it work by asking, nor frame it,
and no page of ours loads anything from elsewhere. Other hosts and frames are opened by
name.
"""

import hashlib
import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass

from flask import Flask, Request, Response, request

from grokdash.app.mount import mounted_at
from grokdash.app.names import plain_name
from grokdash.contract.addresses import EMBED
from grokdash.errors import ConfigError

MOST_BYTES = 1 << 20
READ_ONLY = "this server was started with --read-only: it changes nothing"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_READING = ("GET", "HEAD", "OPTIONS")
_WRONG_HOST = (
    "unknown host name {0!r}: if it is right, start grokdash with --allow-host {0}"
)
_WRONG_SITE = (
    "request from another site; if it is a proxy, start grokdash with --allow-host and "
    "the name that the browser shows"
)
_LOCKED = (
    "This server needs its token: open the address that it printed when it started."
)
_OUTSIDE = "request from another site: open the address itself"
_LOCAL = ("localhost", "127.0.0.1", "::1")
_HOST = re.compile(r"[^\s/?#@]+")
_FRAME = re.compile(
    r"self|[a-z][a-z0-9+.-]*:"
    r"|https?://(\*\.)?[A-Za-z0-9.-]+(:(\d+|\*))?|https?://\[[0-9a-f:.]+\](:\d+)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may reach the app, by which names, and where it may be shown.

    Parameters
    ----------
    hosts
        Names by which the server may be called, beside this computer's own.
    token
        What a visitor must know; empty when only this computer can reach the server.
        Who knows it may call the server by any name.
    token_in_path
        Whether the token is the first part of every path, instead of a cookie: a frame
        of another site gets no cookies.
    frames
        Origins whose pages may frame ours, as a Content-Security-Policy names them;
        ``self`` is the app's own.
    embedders
        Origins whose pages may frame a panel by its address below ``/embed/``, and
        nothing else.
    base_path
        Path below which browsers see the app, from a proxy that does not say so itself.

    Raises
    ------
    ConfigError
        If a host or an origin is none.
    """

    hosts: Collection[str] = ()
    token: str = ""
    token_in_path: bool = False
    frames: Collection[str] = ()
    embedders: Collection[str] = ()
    base_path: str = ""

    def __post_init__(self) -> None:
        for host in self.hosts:
            if not _HOST.fullmatch(host):
                raise ConfigError(
                    "--allow-host: expected a name such as lab.example.org, "
                    f"got {host[:80]!r}"
                )
        for option, origins in (
            ("--allow-frame", self.frames),
            ("--embed-in", self.embedders),
        ):
            for origin in origins:
                if not _FRAME.fullmatch(origin):
                    raise ConfigError(
                        f"{option}: expected an origin such as "
                        f"https://lab.example.org, or self; got {origin[:80]!r}"
                    )
        if self.embedders and self.token and not self.token_in_path:
            raise ConfigError(
                "--embed-in: a frame of another site gets no cookies and so cannot "
                "know a token: bind 127.0.0.1 without one, behind a proxy with "
                "--allow-host (docs/serving.md)"
            )

    def framers(self, path: str) -> tuple[str, ...]:
        """Give the origins whose pages may frame the page of a path."""
        panel = path.startswith(EMBED)
        return (*self.frames, *(self.embedders if panel else ()))


def protect(server: Flask, access: Access, *, script_hashes: Collection[str]) -> None:
    """Check every request and mark every response.

    Parameters
    ----------
    access
        Who may reach the server.
    script_hashes
        Hashes of the inline scripts that pages may run.
    """
    server.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    allowed = {plain_name(host) for host in (*_LOCAL, *access.hosts)}

    @server.before_request
    def check() -> Response | None:
        return _refused(request, access, allowed)

    @server.after_request
    def mark(response: Response) -> Response:
        framers = access.framers(request.path)
        response.headers.update(_HEADERS)
        response.headers["Content-Security-Policy"] = _content_policy(
            script_hashes, framers
        )
        if not framers:
            response.headers["X-Frame-Options"] = "DENY"
        if request.path.startswith("/_dash-update-component"):
            response.headers["Cache-Control"] = "no-store"
        if access.token and not response.cache_control.no_store:
            # What a token guards is for the browser that knows it, and no proxy's.
            response.cache_control.public = False
            response.cache_control.private = True
        if access.token and request.args.get("token") == access.token:
            cookie, kept = _cookie(access.token)
            response.set_cookie(
                cookie, kept, path=mounted_at(), httponly=True, samesite="Strict"
            )
        return response


def _refused(
    asked: Request, access: Access, allowed: Collection[str]
) -> Response | None:
    """Say why a request is not answered; nothing if it is."""
    name = plain_name(asked.host)
    if not access.token and name not in allowed:
        return _refusal(_WRONG_HOST.format(name[:80]), 400)
    if asked.method in _READING:
        if not _may_ask(asked, framed=bool(access.framers(asked.path))):
            return _refusal(_OUTSIDE, 403)
    elif not _same_site(asked, access.hosts):
        return _refusal(_WRONG_SITE, 403)
    if access.token and not (access.token_in_path or _knows(asked, access.token)):
        return _refusal(_LOCKED, 403)
    return None


def _refusal(text: str, status: int) -> Response:
    response = Response(text, status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response


def _cookie(token: str) -> tuple[str, str]:
    """Give name and value of the cookie of who knows a token.

    The name differs by token: servers on two ports of a computer share its cookies.
    """
    digest = hashlib.sha256(token.encode()).hexdigest()
    return f"grokdash-{digest[:8]}", digest


def _content_policy(script_hashes: Collection[str], frames: Collection[str]) -> str:
    scripts = " ".join(
        ["'self'", *(f"'{one.strip(chr(39))}'" for one in script_hashes)]
    )
    ancestors = " ".join("'self'" if one == "self" else one for one in frames)
    ancestors = ancestors or "'none'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "media-src 'self' blob:",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {ancestors}",
            "object-src 'none'",
        )
    )


def _same_site(asked: Request, hosts: Collection[str]) -> bool:
    """Say whether a request is of our own pages, as the browser says or else by Origin.

    No page can send ``Sec-Fetch-Site`` itself. Where it is missing, the page must be of
    the host that was asked, or, if a proxy asks by another name, of one allowed.
    """
    site = asked.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = asked.headers.get("Origin")
    if origin is None:
        return True
    page = origin.partition("://")[2]
    return page.lower() == asked.host.lower() or plain_name(page) in {
        plain_name(host) for host in hosts
    }


def _may_ask(asked: Request, *, framed: bool) -> bool:
    """Say whether a request that only reads is one of our pages', or opens a page.

    A page of another site cannot read an answer, but may ask a thousand times for what
    takes long. What a link opens is answered whoever wrote the link; what a frame opens
    only where some site may frame us. Programs and old browsers say nothing of sites.
    """
    if asked.headers.get("Sec-Fetch-Site", "none") in ("same-origin", "none"):
        return True
    opens = ("document", "iframe", "frame") if framed else ("document",)
    to = asked.headers.get("Sec-Fetch-Dest")
    return asked.headers.get("Sec-Fetch-Mode") == "navigate" and to in opens


def _knows(asked: Request, token: str) -> bool:
    cookie, kept = _cookie(token)
    given = asked.args.get("token", "")
    remembered = asked.cookies.get(cookie, "")
    return hmac.compare_digest(given.encode(), token.encode()) or hmac.compare_digest(
        remembered.encode(), kept.encode()
    )
