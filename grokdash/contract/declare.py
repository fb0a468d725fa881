"""Write the contract as declarations for the JavaScript: ``make docs``.

From the annotations themselves rather than from a JSON schema: names of literals and
what extends what survive, and making the documents needs no node.
"""

import ast
import inspect
import re
import types
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from typing_extensions import get_original_bases, is_typeddict

from grokdash.analysis import phases
from grokdash.contract import (
    codes,
    compare,
    film,
    listing,
    pages,
    pictures,
    report,
    routes,
    run,
    share,
    site,
    sweep,
    sweep_start,
    training,
)
from grokdash.figures import colours
from grokdash.store import report_models, values
from grokdash.views.compare import alignment
from grokdash.views.core import view
from grokdash.views.reading import epochs

_HEAD = "// Made by `make docs` from grokdash/contract; edit that.\n"
_BORROWED = {
    "State": values.State,
    "ItemKind": report_models.ItemKind,
    "GrokState": phases.GrokState,
    "PhaseName": phases.PhaseName,
    "Kind": view.Kind,
    "Align": alignment.Align,
    "Mark": epochs.Mark,
    "ThemeName": colours.ThemeName,
}
"""Codes that the layers below define."""
_PLAIN = {
    str: "string", int: "number", float: "number", bool: "boolean",
    type(None): "null", Any: "any",
}  # fmt: skip


def declarations() -> str:
    """Give the text of ``contract.d.ts``."""
    names = dict(_BORROWED)
    names |= {n: one for n, one in vars(codes).items() if get_origin(one) is Literal}
    parts = [f"export type {name} = {_words(one)};" for name, one in _BORROWED.items()]
    known: dict[Any, str] = {one: name for name, one in names.items()}
    messages = (
        *(run, pictures, listing, training, compare, film),
        *(sweep, sweep_start, report, pages, share, site),
    )
    for module in (codes, *messages):
        parts += _module(module, known)
    parts += [
        'type Query = "" | `?${string}`;\n',
        _by_address("Answer", routes.ANSWERS, known),
        _by_address("Body", routes.BODIES, known),
    ]
    return "\n".join([_HEAD, *parts])


def _module(module: ModuleType, names: dict[Any, str]) -> Iterator[str]:
    """Declare what a module defines, in its order, with its docstrings."""
    body = ast.parse(inspect.getsource(module)).body
    for statement, doc in _documented(body):
        if isinstance(statement, ast.ClassDef):
            yield _interface(getattr(module, statement.name), statement, names)
        elif isinstance(statement, ast.Assign):
            name = ast.unparse(statement.targets[0])
            kind = getattr(module, name)
            text = _words(kind) if kind in names else _type(kind, names)
            yield f"{_comment(doc)}export type {name} = {text};\n"


def _by_address(name: str, kinds: dict[str, Any], names: dict[Any, str]) -> str:
    """Declare which message belongs to an address: ``Answer<"/api/runs">``."""
    cases = [
        f"  Path extends `{re.sub('<.*?>', '${string}', rule)}${{Query}}`"
        f" ? {_type(kind, names)} :"
        for rule, kind in kinds.items()
    ]
    head = f"export type {name}<Path extends string> ="
    return "\n".join([head, *cases, "  never;\n"])


def _interface(kind: type, statement: ast.ClassDef, names: dict[Any, str]) -> str:
    hints = get_type_hints(kind)
    bases = [one.__name__ for one in get_original_bases(kind) if is_typeddict(one)]
    extends = f" extends {', '.join(bases)}" if bases else ""
    lines = [
        f"{_comment(kind.__doc__ or '')}export interface {kind.__name__}{extends} {{"
    ]
    for one, doc in _documented(statement.body):
        if isinstance(one, ast.AnnAssign):
            name = ast.unparse(one.target)
            mark = "?" if name in kind.__optional_keys__ else ""
            lines.append(
                f"{_comment(doc, '  ')}  {name}{mark}: {_type(hints[name], names)};"
            )
    return "\n".join([*lines, "}\n"])


def _documented(body: list[ast.stmt]) -> Iterator[tuple[ast.stmt, str]]:
    """Give every statement with the string that follows it."""
    for statement, after in zip(body, [*body[1:], ast.Pass()], strict=True):
        doc = ""
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            doc = str(after.value.value)
        yield statement, doc


def _type(annotation: Any, names: dict[Any, str]) -> str:
    """Spell one annotation in TypeScript."""
    if annotation in names or annotation in _PLAIN:
        return names.get(annotation) or _PLAIN[annotation]
    if is_typeddict(annotation):
        return annotation.__name__
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return _words(annotation)
    inner = [_type(one, names) for one in parts]
    if origin in (Union, types.UnionType):
        return " | ".join(dict.fromkeys(inner))
    shapes = {list: "Array<{}>", tuple: "[{}]", dict: "Record<{}>"}
    return shapes[origin].format(", ".join(inner))


def _words(literal: Any) -> str:
    return " | ".join(
        str(one).lower() if isinstance(one, bool) else f'"{one}"'
        for one in get_args(literal)
    )


def _comment(text: str, indent: str = "") -> str:
    return f"{indent}/** {' '.join(text.split())} */\n" if text else ""
