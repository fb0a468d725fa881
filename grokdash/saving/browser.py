"""A browser that draws sheets of figures, several at a time."""

import asyncio
import base64
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any

from grokdash.bundle import assets_folder, bundle, reached, read_modules
from grokdash.errors import ConfigError, StoreError

_PAGES = 2
"""Figures that are drawn at the same time."""
_READY_S, _LOOK_S = 60.0, 0.05
_ENTRY = "print/page.js"


class Drawer:
    """What draws figures in the pages of one browser."""

    def __init__(self, kaleido: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._kaleido, self._loop = kaleido, loop

    def later(self, figure: Any, kind: str, scale: float = 1) -> Future[bytes]:
        """Begin to draw a figure of Plotly, or a sheet written as one.

        Parameters
        ----------
        kind
            ``png``, ``svg`` or ``pdf``.
        scale
            Pixels of a PNG per pixel of the figure.
        """
        options = {"format": kind, "scale": scale}
        drawn = self._kaleido.calc_fig(figure, opts=options)
        return asyncio.run_coroutine_threadsafe(drawn, self._loop)

    def __call__(self, figure: Any, kind: str, scale: float = 1) -> bytes:
        """Draw a figure and wait for it."""
        return self.later(figure, kind, scale).result()

    def printed(self, address: str, paper: Mapping[str, Any]) -> bytes:
        """Print a page as PDF.

        Parameters
        ----------
        address
            Of the page, such as that of a file.
        paper
            Settings of ``Page.printToPDF`` of the Chrome DevTools Protocol.

        Raises
        ------
        StoreError
            If the page does not open or cannot be printed.
        """
        made = self._printed(address, paper)
        return asyncio.run_coroutine_threadsafe(made, self._loop).result()

    async def _printed(self, address: str, paper: Mapping[str, Any]) -> bytes:
        tab = await self._kaleido.create_tab(address)
        end = self._loop.time() + _READY_S
        while await _asked(tab, "document.readyState") != "complete":
            if self._loop.time() > end:
                raise StoreError(f"{address}: the page does not open")
            await asyncio.sleep(_LOOK_S)
        answer = await tab.send_command("Page.printToPDF", params=dict(paper))
        await self._kaleido.close_tab(tab.target_id)
        if "error" in answer:
            raise StoreError(f"Chromium: {answer['error'].get('message', '')}")
        return base64.b64decode(answer["result"]["data"])


async def _asked(tab: Any, expression: str) -> Any:
    """Give the value of an expression in a page."""
    parameters = {"expression": expression, "returnByValue": True}
    answer = await tab.send_command("Runtime.evaluate", params=parameters)
    return answer.get("result", {}).get("result", {}).get("value")


@contextmanager
def browser() -> Iterator[Drawer]:
    """Keep one browser open while figures are drawn in it.

    Raises
    ------
    ConfigError
        If there is no browser, or what drives it is not installed.
    """
    kaleido: Any = extra("kaleido")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="kaleido", daemon=True)
    thread.start()
    opened = kaleido.Kaleido(n=_PAGES, path=browser_path(), page_generator=_Page())

    def wait(task: Any) -> None:
        asyncio.run_coroutine_threadsafe(task, loop).result()

    try:
        wait(opened.open())
        yield Drawer(opened, loop)
    finally:
        wait(opened.close())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def find_browser() -> str | None:
    """Find a Chromium; None if this computer has none.

    Raises
    ------
    ConfigError
        If what drives it, and knows where to look, is not installed.
    """
    extra("choreographer")
    chromium: Any = extra("choreographer.browsers.chromium")
    return chromium.Chromium.find_browser(skip_local=False)


def browser_path() -> str:
    """Give the path of a Chromium.

    Raises
    ------
    ConfigError
        If there is none.
    """
    found = find_browser()
    if found is None:
        raise ConfigError(
            "pictures and films are drawn by a Chromium, and there is none: install "
            "chromium (Debian: apt-get install chromium); views can be saved as html"
        )
    return found


def extra(name: str) -> ModuleType:
    """Import what only saving needs.

    Raises
    ------
    ConfigError
        If it is not installed.
    """
    import importlib  # noqa: PLC0415 - only for what is optional

    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = _PACKAGES.get(name.partition(".")[0], name.partition(".")[0])
        raise ConfigError(
            f"this needs {package}: pip install {package}; views can be saved as html"
        ) from error


_PACKAGES = {"PIL": "pillow"}
"""What is installed, where it is not called like what is imported."""


class _Page:
    """The page of Kaleido, which can draw sheets besides."""

    def generate_index(self) -> str:
        """Write it."""
        kaleido: Any = extra("kaleido")
        plain = kaleido.PageGenerator(mathjax=False).generate_index()
        return plain.replace("</head>", f"<script>{_script()}</script></head>")


@cache
def _script() -> str:
    modules = read_modules(assets_folder())
    needed = {name: modules[name] for name in reached(modules, _ENTRY)}
    text = bundle(needed).removesuffix("export { modules };\n")
    return f'{{{text}modules["{_ENTRY}"].teach(Plotly);}}'
