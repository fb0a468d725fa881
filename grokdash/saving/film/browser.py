"""The page that puts pictures together, in a Chromium without a window."""

import asyncio
import base64
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from grokdash.contract.film import FilmPlan
from grokdash.errors import StoreError
from grokdash.saving.browser import browser_path, extra

_READY_S = 60.0
_LOOK_S = 0.05
_MODULE = (
    'import(document.querySelector("link[rel=modulepreload]").href)'
    '.then(({{modules}}) => modules["film/reel.js"].{call})'
)


class Studio:
    """The page, once it is open."""

    def __init__(self, tab: Any) -> None:
        self._tab = tab

    async def command(self, name: str, **parameters: Any) -> dict[str, Any]:
        """Send one command of the Chrome DevTools Protocol."""
        answer = await self._tab.send_command(name, parameters)
        if "error" in answer:
            raise StoreError(f"Chromium: {name}: {answer['error'].get('message', '')}")
        return answer["result"]

    async def run(self, expression: str) -> Any:
        """Give the value of an expression, which may be promised.

        Raises
        ------
        StoreError
            If it fails, with what the page says.
        """
        result = await self.command(
            "Runtime.evaluate",
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
        )
        if told := result.get("exceptionDetails"):
            said = told.get("exception", {}).get("description") or told.get("text", "")
            first = str(said).partition("\n")[0].removeprefix("Error: ")
            raise StoreError(f"the film cannot be drawn: {first}")
        return result["result"].get("value")

    async def ready(self) -> None:
        """Wait until the page has its modules."""
        end = asyncio.get_running_loop().time() + _READY_S
        there = 'Boolean(document.querySelector("link[rel=modulepreload]"))'
        while not await self.run(f'document.readyState === "complete" && {there}'):
            if asyncio.get_running_loop().time() > end:
                raise StoreError("the film cannot be drawn: its page does not open")
            await asyncio.sleep(_LOOK_S)

    async def open(self, plan: FilmPlan) -> None:
        """Draw the first figures of a film."""
        await self.run(_MODULE.format(call=f"open({json.dumps(plan)})"))

    async def shoot(self, first: int, end: int, quality: float) -> list[bytes]:
        """Give pictures as JPEG; an empty one is the same as before."""
        return await self._pictures(f"shoot({first}, {end}, {quality})")

    async def sample(self, count: int, quality: float) -> list[bytes]:
        """Give pictures from all over the film."""
        return await self._pictures(f"sample({count}, {quality})")

    async def _pictures(self, call: str) -> list[bytes]:
        found = await self.run(_MODULE.format(call=call))
        return [base64.b64decode(one) for one in found]


@asynccontextmanager
async def studio(address: str, plan: FilmPlan) -> AsyncIterator[Studio]:
    """Open the page at an address and draw the first figures of a film.

    Raises
    ------
    ConfigError
        If there is no Chromium.
    StoreError
        If the page does not open, or cannot draw.
    """
    path = browser_path()
    choreographer: Any = extra("choreographer")
    for name in ("choreographer", "browser_proc"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    async with choreographer.Browser(path=path) as browser:
        page = Studio(await browser.create_tab())
        size = {"width": 1280, "height": 720, "deviceScaleFactor": plan["ratio"]}
        await page.command("Emulation.setDeviceMetricsOverride", **size, mobile=False)
        await page.command("Page.navigate", url=address)
        await page.ready()
        await page.open(plan)
        yield page
