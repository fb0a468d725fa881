"""The tour and the notes in a real browser: prose moves panels, keys turn the pages."""

import pytest

pytestmark = pytest.mark.browser

TITLE = "document.getElementById('tour-title').textContent"


def test_sentences_move_the_panels_and_keys_turn_the_pages(page, run_ids):
    page.open(f"/tour/{run_ids[0]}/2")
    start, title = page.js("grokdash.player.epoch"), page.js(TITLE)
    assert page.js("location.search").startswith(f"?e={start}")

    page.run("document.querySelector('.go[data-go=\\'{\"e\": 0}\\']').click()")
    page.until("grokdash.player.epoch === 0")
    page.settle()
    pressed = "[...document.querySelectorAll('.go[aria-pressed=true]')]"
    assert page.js(f"{pressed}.map((one) => one.textContent)") == ["epoch 0"]

    page.press("n")
    page.until(f"{TITLE} !== {title!r}")
    assert page.js("document.activeElement.id") == "tour-title"
    page.press("b")
    page.until(f"{TITLE} === {title!r}")
    page.until(f"grokdash.player.epoch === {start}")

    page.open("/tour", settled=False)
    continued = f"document.querySelector('.tour-ways a[href$=\"/{run_ids[0]}/2\"]')"
    page.until(continued)
    page.open("/", settled=False)
    page.until(f"{continued}.classList.contains('primary')")
    assert page.logs() == []


def test_a_step_fits_a_phone_and_keeps_its_picture_in_sight(page, run_ids):
    page.window(360, 740, mobile=True)
    page.open(f"/tour/{run_ids[0]}/3")
    assert page.js("document.documentElement.scrollWidth") == 360
    page.run("document.querySelector('.tour-turn').scrollIntoView()")
    page.until("scrollY > 300")
    panel = page.box("#panel-answers")
    assert page.box(".bar").bottom - 1 <= panel.top
    assert panel.bottom < 740


def test_notes_are_read_above_the_curve_and_can_be_switched_off(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=0")
    page.until("document.querySelector('.note')")
    page.run("document.querySelector('.note').focus()")
    words, plot = page.box(".note-words"), page.box("#graph-loss-curves")
    assert page.js("document.querySelector('.note-words').textContent").startswith(
        "Epoch"
    )
    assert words.bottom <= plot.top + 1

    page.run("document.querySelector('.note').click()")
    page.until(
        "grokdash.player.epoch === +document.querySelector('.note').dataset.epoch"
    )
    page.run("document.querySelector('.notes-toggle').click()")
    page.open(f"/run/{run_ids[0]}?e=0")
    assert page.js("document.querySelector('.notes-lane').offsetHeight") == 0


STEMS_OFF = """(() => {
    const gd = document.querySelector("#graph-loss-curves");
    const axis = gd._fullLayout.xaxis;
    const dots = [...document.querySelectorAll(".note")];
    return dots.map((dot) => {
        const x = axis._offset + axis.d2p(+dot.dataset.epoch);
        return Math.abs(parseFloat(dot.previousElementSibling.style.left) - x);
    });
})()"""


def test_notes_stay_below_their_epochs_whatever_becomes_of_the_axis(page, run_ids):
    page.open(f"/run/{run_ids[0]}?e=0")
    page.until("document.querySelector('.note')")
    for width in (400, 1366):
        page.window(width, 800)
        drawn = "document.querySelector('#graph-loss-curves')._fullLayout.width"
        page.until(f"{drawn} <= {width} && {drawn} > {width} - 400")
        page.until(f"{STEMS_OFF}.every((pixels) => pixels < 1)", 10)
        assert page.js("document.documentElement.scrollWidth") <= width
