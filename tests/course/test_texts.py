"""The texts: links lead somewhere, formulas are set, numbers have sources."""

import json
import re
from pathlib import Path

import pytest

from grokdash.course import typeset
from grokdash.course.marks import (
    ANCHOR,
    KINDS,
    MOMENTS,
    expand,
    formulas,
    links,
    pieces,
)
from grokdash.course.texts import CHAPTERS, DOCUMENTS, all_texts, text
from grokdash.views import VIEWS

ROOT = Path(__file__).parents[2]
NAMES = tuple(DOCUMENTS)
IDS = {view.id for view in VIEWS}

NUMBER = re.compile(r"\d[\d,.]*\d{2}|\d(?:\.\d+)? %|\d+e[-−]\d+|\d\.\d+")
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
SOURCE = re.compile(r"\{\{|\(cite:|\(docs:|`tests/")
PLAIN = (
    "0.0001 nats",  # the definition of a phase
    "more than 1 %",  # the definition of a key frequency
    "at 99 % to the end",  # the definition of the grok epoch
    "With $p = 59$: $50",
    "“this frequency holds 30 % of the embedding”",
    "With 80 % of the pairs",
    "is training accuracy at 100 %?",
    "(2.13.0, measured on Linux)",
)
"""Numbers that state no finding: definitions, worked examples, what to try or check."""


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_to_what_exists(name):
    anchors = set(ANCHOR.findall(text("literature").source))
    for link in links(text(name)):
        assert link.kind in KINDS, link
        place, _, query = link.target.partition("?")
        if link.kind == "view":
            assert place in IDS, link
            asked = dict(one.split("=") for one in query.split("&") if one)
            assert not link.picture or asked["at"] in MOMENTS, link
        elif link.kind == "chapter":
            assert place in DOCUMENTS, link
        elif link.kind == "cite":
            assert place in anchors, link
        elif link.kind == "docs":
            assert (ROOT / "docs" / place.partition("#")[0]).exists(), link


def test_every_reference_is_cited_once_in_the_list_and_leads_out():
    source = text("literature").source
    anchors = ANCHOR.findall(source)

    assert len(anchors) == len(set(anchors)) >= 20
    for entry in ANCHOR.split(source)[2::2]:
        assert re.search(r"\*\*.+\d{4}\.\*\* \[[^]]+\]\(https://", entry), entry[:80]


def test_formulas_are_typeset():
    wanted = {
        typeset.key(tex, display=display)
        for one in all_texts()
        for tex, display in formulas(one)
    }

    assert set(typeset.stored()) == wanted, "run `make docs`"


def test_typeset_formulas_are_those_of_the_converter():
    pytest.importorskip("latex2mathml", reason="comes with the tests' dependencies")
    for name, kept in typeset.stored().items():
        mark = "$$" if name.startswith("$$") else "$"
        made = typeset.mathml(name.strip("$"), display=mark == "$$")

        assert kept == made, name
        assert "<mi>\\" not in kept, name


@pytest.mark.parametrize("name", NAMES)
def test_a_number_that_is_found_has_its_source_beside_it(name):
    """A paragraph with a number takes it from a table, or names paper, page or test."""
    if name in ("words", "literature"):
        return
    for paragraph in prose(name):
        if SOURCE.search(paragraph) or any(one in paragraph for one in PLAIN):
            continue
        found = NUMBER.search(paragraph)
        assert found is None, (name, found, paragraph)


def prose(name):
    """Give the paragraphs of a text without code, formulas and what is sourced."""
    found = []
    for piece in pieces(text(name)):
        source = CODE.sub("", piece.source)
        for paragraph in source.split("\n\n"):
            bare = (
                re.sub(r"\$[^$]*\$", "", paragraph)
                if "$p =" not in paragraph
                else paragraph
            )
            found.append(re.sub(r"`[^`t][^`]*`", "", bare))
    return found


def test_nothing_is_said_before_it_is_explained():
    """A sign or a hard word comes first in a paragraph that links to its meaning."""
    course = "\n\n".join(expand(text(name).source) for name in CHAPTERS)
    course = re.sub(r"^\|.*$", "", course, flags=re.MULTILINE)
    paragraphs = [one for one in course.split("\n\n") if not one.startswith("#")]
    for word, term in {
        "∘": "operation",
        "W_L": "neuron-logit-map",
        "canonical": "canonical-order",
        "gauge-fixed": "gauge-fixed",
        "residual stream": "residual-stream",
        "nats": "nat",
        "folded": "folded-frequency",
        "restricted loss": "restricted-loss",
        "excluded loss": "excluded-loss",
        "cross-split": "cross-split-loss",
        "Gini": "gini-coefficient",
        "primitive root": "primitive-root",
        "discrete logarithm": "discrete-logarithm",
        "purity": "purity",
        "censored": "censored",
        "key frequenc": "key-frequency",
        "weight decay": "weight-decay",
        "logit": "logit",
        "epoch": "epoch",
        "spectrum": "spectrum",
    }.items():
        first = next(one for one in paragraphs if said(word, one))
        assert f"term:{term})" in first, (word, first)


def said(word, paragraph):
    """Say whether a reader sees a word in a paragraph."""
    seen = re.sub(r"\]\([^)]*\)", "]", paragraph)
    return word.lower() in seen.lower()


def test_the_chapters_ask_and_answer():
    for name in CHAPTERS:
        asked = [piece for piece in pieces(text(name)) if piece.question]
        shown = [link for link in links(text(name)) if link.picture]
        assert asked, name
        assert shown or name == "sweeps", name


def test_formulas_are_kept_in_a_stable_order():
    kept = typeset.FILE.read_text(encoding="utf-8")

    assert list(json.loads(kept)) == sorted(json.loads(kept))
