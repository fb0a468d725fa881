"""Where in a TOML file each key stands, for messages that name the line.

tomllib gives values without places, and so does tomlkit. The key alone would not do:
``lr`` may stand under ``[fields]``, ``[grid]`` and in any of forty ``[[points]]``, and
of a list of values one is wrong. The file has been read by tomllib before, so this only
walks over tokens and judges nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

Place = tuple[str | int, ...]
"""A path into the values of the file: ``("grid", "lr")``, ``("points", 1, "lr")``."""

_TOKEN = re.compile(
    r"""
      (?P<comment>\#[^\n]*)
    | (?P<text>\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')
    | (?P<newline>\n)
    | (?P<space>[ \t\r]+)
    | (?P<mark>[\[\]{}=,.])
    | (?P<bare>[^\s\[\]{}=,.\#"']+)
    """,
    re.VERBOSE | re.DOTALL,
)


def key_lines(text: str) -> dict[Place, int]:
    """Give the line, from 1, of every key and table of a valid TOML file."""
    scan = _Scan(list(_tokens(text)))
    while scan.left:
        scan.statement()
    return scan.lines


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    line = 1
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind not in ("comment", "space"):
            yield kind, match[0], line
        line += match[0].count("\n")


@dataclass(slots=True)
class _Scan:
    """Walks over the tokens of a file that is known to be valid."""

    left: list[tuple[str, str, int]]
    lines: dict[Place, int] = field(default_factory=dict)
    table: Place = ()
    counts: dict[Place, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.left.reverse()

    def statement(self) -> None:
        kind, word, line = self.left[-1]
        if kind == "newline":
            self.left.pop()
        elif word == "[":
            self._header(line)
        else:
            self._pair(self.table)

    def _header(self, line: int) -> None:
        self.left.pop()
        several = self.left[-1][1] == "["
        if several:
            self.left.pop()
        keys, _ = self._keys()
        while self.left and self.left[-1][0] != "newline":
            self.left.pop()
        path: Place = ()
        for place, key in enumerate(keys, 1):
            path = (*path, key)
            if several and place == len(keys):
                self.counts[path] = self.counts.get(path, -1) + 1
            self.lines.setdefault(path, line)
            if path in self.counts:
                path = (*path, self.counts[path])
        self.lines.setdefault(path, line)
        self.table = path

    def _pair(self, table: Place) -> None:
        keys, line = self._keys()
        for end in range(1, len(keys) + 1):
            self.lines.setdefault((*table, *keys[:end]), line)
        self.left.pop()  # =
        self._value((*table, *keys))

    def _keys(self) -> tuple[list[str], int]:
        line = self.left[-1][2]
        keys: list[str] = []
        while self.left and (self.left[-1][0] in ("bare", "text") or self._is(".")):
            kind, word, _ = self.left.pop()
            if word != ".":
                keys.append(word[1:-1] if kind == "text" else word)
        return keys, line

    def _value(self, path: Place) -> None:
        if self._is("["):
            self._array(path)
        elif self._is("{"):
            self._inline(path)
        else:
            self._keys()  # a number with a dot reads like dotted keys

    def _array(self, path: Place) -> None:
        self.left.pop()
        count = 0
        while not self._is("]"):
            if self._is(",") or self.left[-1][0] == "newline":
                self.left.pop()
                continue
            self.lines.setdefault((*path, count), self.left[-1][2])
            self._value((*path, count))
            count += 1
        self.left.pop()

    def _inline(self, path: Place) -> None:
        self.left.pop()
        while not self._is("}"):
            if self._is(",") or self.left[-1][0] == "newline":
                self.left.pop()
                continue
            self._pair(path)
        self.left.pop()

    def _is(self, mark: str) -> bool:
        return bool(self.left) and self.left[-1][1] == mark
