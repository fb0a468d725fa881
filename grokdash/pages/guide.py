"""The guide: what every view shows, how it looks when all is well, and the keys."""

from typing import Any

from dash import dcc, get_relative_path, html

from grokdash.contract.pages import PlainPage
from grokdash.contract.words import GUIDE_PARTS, KEYS
from grokdash.operations import OPERATIONS
from grokdash.pages.page import Page, PageContext, opened
from grokdash.pages.run.panels import SUBJECTS
from grokdash.views import BY_PAGE, View
from grokdash.views.core.normal import GROUPS, NORMAL
from grokdash.views.reading.keys import MEMORISING

GLOSSARY: tuple[tuple[str, str], ...] = (
    ("epoch", "one full-batch update of the weights; epoch 0 is the initialisation"),
    ("grokking", "generalising long after every training pair is known by heart"),
    (
        "key frequency",
        "a wave that seen and unseen pairs share, over 1 % of the final logits",
    ),
    (
        "seen pairs",
        "the training pairs and, where a ∘ b is b ∘ a, their mirror images (b, a)",
    ),
    (
        "canonical order",
        "the order of the tokens in which the operation becomes addition",
    ),
    (
        "restricted loss",
        "the loss when only the key frequencies of the logits are kept",
    ),
    (
        "cross-split loss",
        f"the same, no pair judged by its own logits; from ln p on {MEMORISING}",
    ),
    ("excluded loss", "the loss on the training pairs when just those are removed"),
    (
        "Gini coefficient",
        "0 when all frequencies carry the same energy, 1 when one does",
    ),
)
"""Words that the app uses in one meaning only."""


def keys_table() -> html.Table:
    """Lay out the list of shortcuts."""
    return html.Table(
        html.Tbody(
            [html.Tr([html.Th(html.Kbd(key)), html.Td(what)]) for key, what, _ in KEYS]
        ),
        className="keys",
    )


def _layout(_context: PageContext, **query: Any) -> html.Div:
    chosen = query.get("operation", "add")
    operation = chosen if chosen in OPERATIONS else "add"
    return html.Div(
        [
            opened(PlainPage(kind="guide")),
            html.H1("Guide"),
            html.P(
                "A small transformer learns a ∘ b mod p from some of the pairs. First "
                "it knows those by heart; thousands of epochs later it has found an "
                "algorithm of a few frequencies and answers every other pair too. "
                "Every checkpoint of that is stored, and the views look at it."
            ),
            _operations(operation),
            html.P(_measured()),
            _contents(),
            *[_subject(subject, name, operation) for subject, name in SUBJECTS.items()],
            html.H2("Words", id="words"),
            html.Dl(
                [
                    part
                    for word, meaning in GLOSSARY
                    for part in (html.Dt(word), html.Dd(meaning))
                ],
                className="glossary",
            ),
            html.H2("Keys", id="keys"),
            keys_table(),
        ],
        className="text-page guide",
    )


def _operations(operation: str) -> html.P:
    """Offer the guide in the words of every operation."""
    parts: list[Any] = ["Formulas and sentences are those of "]
    for place, rule in enumerate(OPERATIONS.values()):
        parts.append(" · " if place else "")
        chosen = rule.name == operation
        address = get_relative_path(f"/guide?operation={rule.name}")
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
    links = [
        dcc.Link(view.title, href=get_relative_path(f"/guide#{view.id}"))
        for subject in SUBJECTS
        for view in BY_PAGE[subject]
    ]
    return html.Nav(links, className="contents")


def _subject(subject: str, name: str, operation: str) -> html.Section:
    entries = [_entry(view, operation) for view in BY_PAGE[subject]]
    return html.Section([html.H2(name), *entries])


def _entry(view: View, operation: str) -> html.Article:
    guide = view.guide.told(operation)
    rows = {label: getattr(guide, name) for name, label in GUIDE_PARTS.items()}
    return html.Article(
        [
            html.H3(view.title),
            html.P(view.question, className="question"),
            html.P(guide.formula, className="formula") if guide.formula else None,
            html.Dl(
                [
                    part
                    for name, text in rows.items()
                    if text
                    for part in (html.Dt(name), html.Dd(text))
                ]
            ),
        ],
        id=view.id,
    )


PAGE = Page(
    path_template="/guide",
    name="guide",
    title="Guide · grokdash",
    order=50,
    layout=_layout,
)
