"""What stands between the app and the network: hosts, origins, headers, token.

The app binds to this computer alone unless told otherwise; a page of another site can
neither read it (Host and Origin are checked) nor frame it, and no page of ours loads
anything from elsewhere.
"""

import hmac
from collections.abc import Collection

from flask import Flask, Request, Response, request

MOST_BYTES = 1 << 20
READ_ONLY = "this server was started with --read-only: it changes nothing"
_COOKIE = "grokdash-token"
_LOCAL = ("localhost", "127.0.0.1", "[::1]")


def protect(
    server: Flask, *, script_hashes: Collection[str], hosts: Collection[str], token: str
) -> None:
    """Check every request and mark every response.

    Parameters
    ----------
    script_hashes
        Hashes of the inline scripts that pages may run.
    hosts
        Names by which the server may be called, beside this computer's own.
    token
        What a visitor must know; empty when only this computer can reach the server.
    """
    server.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    policy = _content_policy(script_hashes)
    allowed = {*_LOCAL, *hosts}

    @server.before_request
    def check() -> Response | None:
        if _host_name(request.host) not in allowed:
            return Response("unknown host name", 400, mimetype="text/plain")
        if request.method not in ("GET", "HEAD", "OPTIONS") and not _same_site(request):
            return Response("request from another site", 403, mimetype="text/plain")
        if token and not _knows(request, token):
            return Response(
                "This server needs its token: open the address that it printed when "
                "it started.",
                403,
                mimetype="text/plain",
            )
        return None

    @server.after_request
    def mark(response: Response) -> Response:
        headers = response.headers
        headers["Content-Security-Policy"] = policy
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        headers["X-Frame-Options"] = "DENY"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if request.path.startswith("/_dash-update-component"):
            headers["Cache-Control"] = "no-store"
        if token and request.args.get("token") == token:
            response.set_cookie(_COOKIE, token, httponly=True, samesite="Strict")
        return response


def _content_policy(script_hashes: Collection[str]) -> str:
    scripts = " ".join(
        ["'self'", *(f"'{one.strip(chr(39))}'" for one in script_hashes)]
    )
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
            "frame-ancestors 'none'",
            "object-src 'none'",
        )
    )


def _host_name(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def _same_site(asked: Request) -> bool:
    if asked.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return False
    origin = asked.headers.get("Origin")
    return origin is None or origin.partition("://")[2] == asked.host


def _knows(asked: Request, token: str) -> bool:
    given = asked.args.get("token") or asked.cookies.get(_COOKIE) or ""
    return hmac.compare_digest(given.encode(), token.encode())
