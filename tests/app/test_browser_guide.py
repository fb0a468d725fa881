"""The guide in a browser: formulas, pictures, places, and the search by keyboard."""

import pytest

pytestmark = pytest.mark.browser

DRAW = """
    const place = document.createElement("span");
    place.dataset.figure = `${arguments[0]}/figure/answers?e=900`;
    place.style = "display: block; width: 300px; height: 240px";
    document.querySelector(".guide-text").prepend(place);
    window.ending = new AbortController();
    module("guide/pictures.js").drawPictures(window.ending.signal);
    return true;
"""


def test_formulas_are_typeset_and_pictures_drawn_in_either_theme(page, run_ids):
    page.open("/guide/algorithm", settled=False)
    page.until(
        "document.querySelectorAll('.guide-text math[display=block]').length > 3"
    )
    formula = "document.querySelector('.guide-text math')"
    assert page.js(f"{formula}.namespaceURI").endswith("MathML")

    index = "{ const [base, low] = document.querySelector('msub').children;"
    bottom = "getBoundingClientRect().bottom"
    assert page.run(f"{index} return low.{bottom} - base.{bottom} }}") > 1

    page.inside(DRAW, run_ids[0])
    page.until("document.querySelector('[data-drawn=light] .main-svg')")
    page.run("document.querySelector('[data-act=theme]').click()")
    page.until("document.querySelector('[data-drawn=dark] .main-svg')")
    page.run(
        "document.querySelector('[data-act=theme]').click(); window.ending.abort()"
    )
    assert page.js("document.querySelector('[data-figure]').childElementCount") == 0
    assert page.logs() == []


def test_a_word_leads_to_its_place_and_views_are_found_by_keyboard(page):
    page.open("/guide/words", settled=False)
    page.until("document.querySelector('#term-frame + p a.term')")
    page.run("document.querySelector('#term-frame + p a.term').click()")
    assert page.js("window.location.hash") == "#term-canonical-order"

    page.open("/guide/reference", settled=False)
    page.until("document.querySelector('#guide-search')")
    page.run("document.querySelector('#guide-search').focus()")
    for key in "circle":
        page.press(key)
    left = "document.querySelectorAll('.guide article:not([hidden])').length"
    page.until(f"{left} < 20")
    told = page.js("document.querySelector('#guide-found').textContent")
    assert told.startswith(f"{page.js(left)} of ")
    page.press("Enter")
    first = "document.querySelector('.contents a:not([hidden])')"
    assert page.js(f"document.activeElement === {first}")
    assert page.logs() == []
