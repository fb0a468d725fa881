"""The reference: what every view shows, how it looks when all is well."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, get_relative_path, html

from grokdash.contract.words import GUIDE_PARTS
from grokdash.course.glossary import terms
from grokdash.course.texts import text
from grokdash.operations import OPERATIONS
from grokdash.pages.guide.render import laid_out, term_link
from grokdash.pages.run.panels import SUBJECTS
from grokdash.views import BY_PAGE, View
from grokdash.views.core.normal import GROUPS, NORMAL

SYMBOLS = {
    "W_E": "embedding",
    "W_L": "neuron-logit-map",
    "W_U": "unembedding",
    "∘": "operation",
    "ln p": "chance",
    "Σw²": "sum-of-squared-weights",
    "canonical": "canonical-order",
    "keys": "key-frequency",
    "lookup table": "lookup-table",
    "cross-split": "cross-split-loss",
    "frequencies": "frequency",
    "embeddings": "embedding",
}
"""Other ways in which the views say words of the glossary."""

_EVERYDAY = {
    "answer",
    "attention",
    "epoch",
    "frame",
    "group",
    "layer",
    "loss",
    "operand",
    "pair",
    "parameter",
    "position",
    "test-pairs",
    "token",
    "training-pairs",
    "wave",
}
"""Words that every entry would link again; the course begins with them."""


def reference(operation: str) -> list[Any]:
    """Lay out the reference in the words of one operation."""
    return [
        html.P(
            "Every view of the app: the question it answers, its formula, how it looks "
            "before and after grokking, what is normal, and what it means if it looks "
            "wrong."
        ),
        _operations(operation),
        html.P(_measured()),
        html.Details(
            [html.Summary(text("signs").question), *laid_out(text("signs"))],
            className="question-answer",
        ),
        _search(),
        _contents(),
        *[_subject(subject, name, operation) for subject, name in SUBJECTS.items()],
    ]


def _search() -> html.Div:
    return html.Div(
        [
            dbc.Label("Search the views", html_for="guide-search"),
            dbc.Input(
                id="guide-search",
                type="search",
                placeholder="a word, a symbol, a question",
                autocomplete="off",
            ),
            html.Span(id="guide-found", className="quiet", role="status"),
        ],
        className="guide-search",
        role="search",
    )


def _operations(operation: str) -> html.P:
    """Offer the guide in the words of every operation."""
    parts: list[Any] = ["Formulas and sentences are those of "]
    for place, rule in enumerate(OPERATIONS.values()):
        parts.append(" · " if place else "")
        chosen = rule.name == operation
        address = get_relative_path(f"/guide/reference?operation={rule.name}")
        parts.append(
            html.Strong(rule.title) if chosen else dcc.Link(rule.title, href=address)
        )
    return html.P(parts)


def _measured() -> str:
    """Say where the ranges called normal come from."""
    counts = [
        f"{len(names)} {GROUPS[group]}"
        for group, names in NORMAL["sources"].items()
        if group in GROUPS
    ]
    return (
        "A range called normal is the smallest and the largest value that was measured "
        f"in grokked networks ({', '.join(counts)}); docs/normal.md names them and "
        "says how. Other networks may lie outside."
    )


def _contents() -> html.Nav:
    groups = [
        html.Div(
            [
                html.Strong(name),
                *[html.A(view.title, href=f"#{view.id}") for view in BY_PAGE[subject]],
            ]
        )
        for subject, name in SUBJECTS.items()
    ]
    return html.Nav(
        groups,
        className="contents",
        **{"aria-label": "Views"},  # pyright: ignore[reportArgumentType]
    )


def _subject(subject: str, name: str, operation: str) -> html.Section:
    entries = [_entry(view, operation) for view in BY_PAGE[subject]]
    return html.Section([html.H2(name), *entries])


def _entry(view: View, operation: str) -> html.Article:
    guide = view.guide.told(operation)
    rows = {label: getattr(guide, name) for name, label in GUIDE_PARTS.items()}
    named: set[str] = set()
    return html.Article(
        [
            html.H3(view.title),
            html.P(view.question, className="question"),
            html.Dl(
                [
                    part
                    for name, told in rows.items()
                    if told
                    for part in (html.Dt(name), html.Dd(with_terms(told, named)))
                ]
            ),
            html.P(guide.formula, className="formula") if guide.formula else None,
        ],
        id=view.id,
    )


def with_terms(told: str, named: set[str]) -> list[Any]:
    """Link the words of the glossary in a sentence, each where it first comes.

    Parameters
    ----------
    named
        Words linked already; grows.
    """
    parts: list[Any] = []
    place = 0
    for found in _pattern().finditer(told):
        name = _spellings()[found[0].lower()]
        if name in named:
            continue
        named.add(name)
        parts += [told[place : found.start()], term_link(name, found[0])]
        place = found.end()
    return [*parts, told[place:]]


@cache
def _spellings() -> dict[str, str]:
    """Give the word of the glossary for everything that is linked."""
    found: dict[str, str] = {}
    for name, term in terms().items():
        if name not in _EVERYDAY:
            found |= dict.fromkeys(_forms(term.name.lower()), name)
    return found | {shown.lower(): name for shown, name in SYMBOLS.items()}


def _forms(name: str) -> Iterable[str]:
    plural = f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
    return name, plural


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_spellings(), key=len, reverse=True)
    either = "|".join(map(re.escape, longest_first))
    return re.compile(rf"(?<![\w∘])(?:{either})(?![\w])", re.IGNORECASE)
