"""The measure of contrast itself: known ratios, and faults that it finds."""

import pytest

from tests.contrast import contrast, faint, laid

WHITE, BLACK = (255.0, 255.0, 255.0), (0.0, 0.0, 0.0)


def test_ratios_are_those_of_wcag():
    assert contrast(WHITE, BLACK) == pytest.approx(21)
    assert contrast(laid("#767676", WHITE, 1.0), WHITE) == pytest.approx(4.54, abs=0.01)
    assert laid("rgba(0,0,0,0.5)", WHITE, 0.5) == pytest.approx((191.25,) * 3)


def test_what_is_faint_is_found():
    grey = {"color": "#999999"}
    plain = {
        "layout": {"paper_bgcolor": "#ffffff", "font": {"color": "#1c2430"}},
        "data": [
            {"type": "scatter", "mode": "lines", "line": grey, "marker": grey},
            {"type": "bar", "marker": {"color": ["#000000"], "opacity": 0.3}},
        ],
    }

    assert [one.split(" ")[0] for one in faint(plain)] == [
        "data[0].line",
        "data[1].marker",
    ]
    plain["layout"]["annotations"] = [{"font": grey, "bgcolor": "#ffffff"}]
    assert faint(plain)[0].startswith("figure.layout.annotations[0].font")
