"""Modules of the browser in few files: a page asks once instead of once for each.

Every module becomes a function that gives what it exports, in an order in which each
comes after those it imports; there is always one, because no module imports another in
a circle. Nothing is renamed, so errors and debuggers show the code as it is written.

It reads the forms of ``import`` and ``export`` that ``assets/js`` uses, at the start of
a line, as Biome writes them, and refuses what it does not know.
"""

import posixpath
import re
from collections.abc import Collection, Iterable, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

from grokdash.errors import StoreError

_IMPORT = re.compile(
    r'^import (?:\{(?P<names>[^}]*)\}|\* as (?P<whole>\w+)) from "(?P<path>[^"]+)";$',
    re.MULTILINE,
)
_EXPORT = re.compile(
    r"^export (?=(?:async function\*?|function\*?|class|const) (\w+))", re.MULTILINE
)
_UNKNOWN = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


def assets_folder() -> Path:
    """Find the assets: in the wheel inside the package, in a checkout beside it.

    Raises
    ------
    StoreError
        If they are in neither place.
    """
    package = Path(__file__).resolve().parent
    places = (package / "assets", package.parent / "assets")
    for place in places:
        if (place / "grokdash.css").is_file():
            return place
    raise StoreError(
        f"the assets are neither in {places[0]} nor in {places[1]}: install again"
    )


def read_modules(assets: Path) -> dict[str, str]:
    """Read the modules, by path within their folder."""
    scripts = assets / "js"
    return {
        path.relative_to(scripts).as_posix(): path.read_text("utf-8")
        for path in sorted(scripts.rglob("*.js"))
    }


def reached(modules: Mapping[str, str], entry: str) -> set[str]:
    """Name the modules that one needs, itself included."""
    found, open_ = set[str](), [entry]
    while open_:
        name = open_.pop()
        found.add(name)
        open_ += set(_imported(name, modules[name])) - found
    return found


def bundle(
    modules: Mapping[str, str], *, after: str = "", given: Collection[str] = ()
) -> str:
    """Write modules as one, which exports them all as ``modules``, by name.

    Parameters
    ----------
    modules
        Texts by path within their folder; imports are relative.
    after
        Address of another such file, from which these modules take others.
    given
        Names of those others.

    Raises
    ------
    StoreError
        If a module imports or exports in a way that is not known here.
    """
    imports = {
        name: [one for one in _imported(name, text) if one not in given]
        for name, text in modules.items()
    }
    order = TopologicalSorter(imports).static_order()
    parts = (_function(name, modules[name]) for name in order)
    head = f'import {{ modules }} from "{after}";' if after else "const modules = {};"
    return "\n".join((head, *parts, "export { modules };", ""))


def _imported(name: str, text: str) -> Iterable[str]:
    return (_target(name, found["path"]) for found in _IMPORT.finditer(text))


def _target(name: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def _function(name: str, text: str) -> str:
    def taken(found: re.Match[str]) -> str:
        what = found["whole"] or f"{{{found['names'].replace(' as ', ': ')}}}"
        return f'const {what} = modules["{_target(name, found["path"])}"];'

    exports = ", ".join(_EXPORT.findall(text))
    body = _EXPORT.sub("", _IMPORT.sub(taken, text))
    if strange := _UNKNOWN.search(body):
        raise StoreError(
            f"{name}: expected an import or export of a name, got {strange[0]!r}"
        )
    return f'modules["{name}"] = (() => {{\n{body}return {{ {exports} }};\n}})();'
