"""The web app: a factory, binary routes, and a server. Nothing here is global."""

from grokdash.app.factory import create_app

__all__ = ["create_app"]
