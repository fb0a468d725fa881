"""The changes that a formula may suffer, read from the tree of a module."""

import ast
import copy
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
COMPARED = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
NAMES = {
    "mean": "sum",
    "sum": "mean",
    "cos": "sin",
    "sin": "cos",
    "max": "min",
    "min": "max",
    "argmax": "argmin",
    "argmin": "argmax",
    "any": "all",
    "all": "any",
    "real": "imag",
    "imag": "real",
    "train": "test",
    "test": "train",
}
SYMMETRIC = {
    *("max", "min", "maximum", "minimum", "multiply", "add"),
    *("array_equal", "swapaxes"),
}
"""Calls whose two arguments may change places."""
DROPPED = {"sqrt", "square", "abs", "conj", "log", "exp", "maximum"}


@dataclass(frozen=True)
class Mutant:
    """One change: where it is, what the text was and what it became.

    ``inside``: it changes what a function does, and nothing that importing does.
    """

    module: str
    function: str
    line: int
    before: str
    after: str
    nth: int
    inside: bool
    source: Callable[[], str]

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        return (self.module, self.function, self.before, self.after, self.nth)

    @property
    def order(self) -> str:
        return hashlib.sha256(repr(self.key).encode()).hexdigest()

    def __str__(self) -> str:
        where = f"{self.module}.py:{self.line} {self.function}"
        return f"{where}: {self.before}  →  {self.after}"


def operators(node: ast.BinOp) -> Iterator[ast.expr]:
    other = OPERATORS.get(type(node.op))
    if other:
        yield ast.BinOp(node.left, other(), node.right)
    if isinstance(node.op, ast.Div | ast.Pow | ast.Mod):
        yield node.left
    if isinstance(node.op, ast.MatMult):
        yield ast.BinOp(node.right, ast.MatMult(), node.left)


def swaps(name: str) -> bool:
    return name not in SYMMETRIC and not name.startswith("is")


def called(node: ast.Call) -> Iterator[ast.expr]:
    name = ast.unparse(node.func).rpartition(".")[2]
    if name in DROPPED and isinstance(node.func, ast.Attribute):
        inside = node.args[0] if node.args else None
        yield inside or getattr(node.func, "value")  # noqa: B009
    plain = [one for one in node.args if not isinstance(one, ast.Starred)]
    if name == "transpose" and len(plain) > 1:
        args = [*plain[:-2], plain[-1], plain[-2]]
        yield ast.Call(node.func, args, node.keywords)
    elif len(plain) == len(node.args) == 2 and swaps(name):
        yield ast.Call(node.func, plain[::-1], node.keywords)


def constants(node: ast.Constant) -> Iterator[ast.expr]:
    if isinstance(node.value, str) and node.value in NAMES:
        yield ast.Constant(NAMES[node.value])
    elif isinstance(node.value, int | float) and not isinstance(node.value, bool):
        yield ast.Constant(node.value + 1)


def compared(node: ast.Compare) -> Iterator[ast.expr]:
    other = COMPARED.get(type(node.ops[0]))
    if other:
        yield ast.Compare(node.left, [other(), *node.ops[1:]], node.comparators)


def named(node: ast.Attribute) -> Iterator[ast.expr]:
    if node.attr == "T":
        yield node.value
    elif node.attr in NAMES:
        yield ast.Attribute(node.value, NAMES[node.attr], node.ctx)


def changed(node: ast.AST) -> Iterator[ast.AST]:
    """Give what a node may become."""
    match node:
        case ast.BinOp():
            yield from operators(node)
        case ast.UnaryOp(op=ast.USub() | ast.Not() | ast.Invert()):
            yield node.operand
        case ast.Compare():
            yield from compared(node)
        case ast.Call():
            yield from called(node)
        case ast.Attribute(ctx=ast.Load()):
            yield from named(node)
        case ast.Constant():
            yield from constants(node)
        case ast.AugAssign() if type(node.op) in OPERATORS:
            yield ast.AugAssign(node.target, OPERATORS[type(node.op)](), node.value)


Place = tuple[str, int | None]


def formulas(
    node: ast.AST, path: tuple[Place, ...] = (), function: str = ""
) -> Iterator[tuple[tuple[Place, ...], ast.AST, str]]:
    """Walk over what is computed: no types, decorators, messages or docstrings."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "bases"):
            continue
        several = isinstance(value, list)
        for i, child in enumerate(value if several else [value]):
            silent = ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom
            if not isinstance(child, ast.AST) or isinstance(child, silent):
                continue
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                continue
            inside = function
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inside = f"{function}.{child.name}" if function else child.name
            place = (*path, (field, i if several else None))
            yield place, child, inside
            yield from formulas(child, place, inside)


def rebuilt(tree: ast.Module, path: tuple[Place, ...], new: ast.AST) -> str:
    """Give the text of a module with another node at a place."""
    tree = copy.deepcopy(tree)
    node: ast.AST = tree
    for field, i in path[:-1]:
        value = getattr(node, field)
        node = value if i is None else value[i]
    field, i = path[-1]
    if i is None:
        setattr(node, field, new)
    else:
        getattr(node, field)[i] = new
    return ast.unparse(ast.fix_missing_locations(tree))


def mutants(module: Path) -> Iterator[Mutant]:
    """Give every change of a module."""
    tree = ast.parse(module.read_text("utf-8"))
    seen: Counter[tuple[str, str, str]] = Counter()
    for path, node, function in formulas(tree):
        for new in changed(node):
            before, after = ast.unparse(node), ast.unparse(new)
            if before == after:
                continue
            name = (function, before, after)
            seen[name] += 1
            yield Mutant(
                module=module.stem,
                function=function,
                line=getattr(node, "lineno", 0),
                before=before,
                after=after,
                nth=seen[name],
                inside=in_function(tree, path),
                source=partial(rebuilt, tree, path, new),
            )


def in_function(tree: ast.Module, path: tuple[Place, ...]) -> bool:
    """Say whether a place is in the body of a function."""
    node: ast.AST = tree
    for field, i in path:
        if isinstance(node, ast.FunctionDef) and field == "body":
            return True
        value = getattr(node, field)
        node = value if i is None else value[i]
    return False
