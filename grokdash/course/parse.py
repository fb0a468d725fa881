"""The door to markdown-it: prose with formulas as a tree of nodes."""

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.tree import SyntaxTreeNode

from grokdash.course.marks import expand


def _formula(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 (its interface)
    """Read ``$…$`` and ``$$…$$`` before anything in it is taken for a mark."""
    if state.src[state.pos] != "$":
        return False
    mark = "$$" if state.src.startswith("$$", state.pos) else "$"
    start = state.pos + len(mark)
    end = state.src.find(mark, start)
    if end < 0:
        return False
    if not silent:
        token = state.push("formula", "", 0)
        token.content = state.src[start:end]
        token.markup = mark
    state.pos = end + len(mark)
    return True


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark").enable("table")
    reader.inline.ruler.before("escape", "formula", _formula)
    return reader


_READER = _reader()


def tree(source: str) -> SyntaxTreeNode:
    """Read prose of a text, its facts and words put in."""
    return SyntaxTreeNode(_READER.parse(expand(source)))
