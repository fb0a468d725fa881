"""The glossary: every word resolves and is explained by words before it."""

import re

import pytest

from grokdash.course.glossary import terms
from grokdash.course.marks import links, slug
from grokdash.course.texts import all_texts

TERMS = terms()
ORDER = list(TERMS)
WORD = re.compile(r"\[\[([^]|]+)(?:\|([^]]+))?\]\]")


def test_there_are_enough_words_and_no_two_alike():
    names = [term.name.lower() for term in TERMS.values()]

    assert len(names) >= 40
    assert len(set(names)) == len(names)


def test_every_marked_word_is_in_the_glossary():
    for one in all_texts():
        for link in links(one):
            assert link.kind != "term" or link.target in TERMS, (one.name, link)


@pytest.mark.parametrize("name", ORDER)
def test_a_definition_uses_words_before_it_only(name):
    place = ORDER.index(name)
    meaning = TERMS[name].meaning
    for shown, other in WORD.findall(meaning):
        assert ORDER.index(slug(other or shown)) < place, (name, shown)
    plain = re.sub(r"[^a-z0-9]+", " ", TERMS[name].plain.lower())
    for later in ORDER[place + 1 :]:
        word = re.sub(r"[^a-z0-9]+", " ", TERMS[later].name.lower())
        assert not re.search(rf"\b{word}s?\b", plain), (name, "uses", later)


def test_a_hint_has_no_marks():
    for term in TERMS.values():
        assert not re.search(r"[\\${}]|\[\[|\]\(", term.plain), term.plain
