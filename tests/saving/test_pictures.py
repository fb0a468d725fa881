"""Pictures in files: sizes, titles, fonts, and other programs that show them."""

import base64
import io
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET

import numpy as np
import pypdf
import pypdfium2
import pytest
import resvg_py
from PIL import Image
from reportlab.graphics import renderPDF
from svglib.svglib import svg2rlg

from grokdash.saving.look import make_look
from grokdash.saving.picture_formats import STILLS
from grokdash.saving.pictures import Job, save, sheet_of, titled
from grokdash.views import get_view
from grokdash.views.core.selection import default_selection

FORMATS = {known.ending: known for known in STILLS}
CM = 96 / 2.54
SVG = "{http://www.w3.org/2000/svg}"
ET.register_namespace("", SVG.strip("{}"))
SHOWN = [
    "loss-curves",
    "logit-plane",
    "embedding-circle",
    "logit-evolution",
    "weight-norms",
    "attention-heads",
]
"""Lines, maps, points, exponents, a legend on each side, small plots."""
WIDTHS = ["6cm", "8.5cm", "30cm"]


@pytest.fixture(scope="module")
def sheet(run_view):
    """Give ``sheet(view, **look)``."""

    def draw(name, **look):
        selection = default_selection(run_view)
        asked = make_look(**{"theme": "paper", **look})
        return sheet_of(run_view, get_view(name), run_view.last, selection, asked)

    return draw


def made(sheet, ending, drawer=None, scale=1.0):
    known = FORMATS[ending]
    return known.finish(known.begin(sheet, scale, drawer).result(), sheet)


@pytest.fixture(scope="module")
def drawings(sheet, drawer):
    """Give the SVG of each view in each width."""
    sheets = {
        (name, wide): sheet(name, width=wide) for name in SHOWN for wide in WIDTHS
    }
    begun = {key: FORMATS["svg"].begin(one, 1.0, drawer) for key, one in sheets.items()}
    return {key: one.result().decode() for key, one in begun.items()}


def test_title_says_what_when_and_of_which_run(run_view):
    view, selection = get_view("embedding-spectrum"), default_selection(run_view)
    fig = titled(run_view, view, run_view.last, selection, make_look(width="300px"))
    plain = titled(run_view, view, run_view.last, selection, make_look(title=False))

    text = re.sub(r"<[^>]*>", "", fig.layout.title.text)
    assert f"epoch {run_view.last:,}" in text
    assert run_view.id in text
    assert fig.layout.width == 300
    assert plain.layout.title.text is None


def test_html_needs_nothing_from_elsewhere(sheet, run_view):
    page = made(sheet("loss-curves"), "html").decode()

    told = re.search(r'id="grokdash-origin">(.*?)</script>', page)
    assert json.loads(told[1])["run"] == run_view.id
    assert "plotly.js v" in page
    assert '<script src="http' not in page
    assert '"showSendToCloud": false' in page


def text_sizes(drawing):
    root = ET.fromstring(drawing)
    texts = root.findall(f".//{SVG}text")
    assert not root.findall(f".//{SVG}tspan")
    return [re.search(r"font-size: ([\d.]+)px", one.get("style"))[1] for one in texts]


@pytest.mark.browser
@pytest.mark.parametrize("wide", WIDTHS)
@pytest.mark.parametrize("name", SHOWN)
def test_svg_is_small_with_absolute_sizes_and_says_its_size(drawings, name, wide):
    drawing = drawings[name, wide]
    root = ET.fromstring(drawing)

    assert len(drawing) < 300_000
    assert min(map(float, text_sizes(drawing))) >= 6
    assert "\u200b" not in drawing
    assert root.get("width") == wide
    assert json.loads(root.find(f"{SVG}metadata").text)["view"] == name


def ink(png, width):
    """Say of coarse cells of a picture whether anything is drawn there."""
    with Image.open(io.BytesIO(png)) as picture:
        grey = picture.convert("RGBA")
        white = Image.new("RGBA", grey.size, "white")
        white.alpha_composite(grey)
        shown = np.asarray(white.convert("L").resize((width, width)), float)
    cells = shown.reshape(width // 6, 6, width // 6, 6)
    return cells.min(axis=(1, 3)) < 200


def near(cells):
    """Widen what is drawn by a cell to every side."""
    padded = np.pad(cells, 1)
    n, m = cells.shape
    return np.any([padded[i : i + n, j : j + m] for i in range(3) for j in range(3)], 0)


def by_resvg(drawing, width):
    return bytes(resvg_py.svg_to_bytes(svg_string=drawing, width=width, dpi=96))


def by_svglib(drawing, path, width):
    path.write_text(drawing, "utf-8")
    page = pypdfium2.PdfDocument(renderPDF.drawToString(svg2rlg(str(path))))[0]
    out = io.BytesIO()
    page.render(scale=width / page.get_width()).to_pil().save(out, "PNG")
    return out.getvalue()


@pytest.mark.browser
@pytest.mark.parametrize("name", SHOWN)
def test_other_programs_draw_an_svg_where_the_browser_does(
    sheet, drawer, drawings, name, tmp_path
):
    drawing = drawings[name, "8.5cm"]
    ours = ink(made(sheet(name, width="8.5cm"), "png", drawer, 3.0), 480)
    others = [by_resvg(drawing, 960), by_svglib(drawing, tmp_path / "a.svg", 960)]

    assert 0.02 < ours.mean() < 0.9
    for other in (ink(png, 480) for png in others):
        assert (ours & ~near(other)).sum() <= 0.01 * ours.sum()
        assert (other & ~near(ours)).sum() <= 0.01 * other.sum()


@pytest.mark.browser
@pytest.mark.parametrize("wide", WIDTHS)
@pytest.mark.parametrize("name", SHOWN)
def test_nothing_is_cut_off(drawings, name, wide):
    """What lies beyond the edges would show on a larger ground."""
    root = ET.fromstring(drawings[name, wide])
    _, _, width, height = map(float, root.get("viewBox").split())
    ground = root.find(f"{SVG}rect")
    root.remove(ground)
    root.set("viewBox", f"{-width} {-height} {3 * width} {3 * height}")
    png = by_resvg(ET.tostring(root, "unicode"), 900)

    with Image.open(io.BytesIO(png)) as picture:
        drawn = np.asarray(picture)[..., 3] > 0
        third, low = picture.width / 3, picture.height / 3
    inside = np.zeros_like(drawn)
    inside[int(low) - 1 : int(2 * low) + 2, int(third) - 1 : int(2 * third) + 2] = True
    assert drawn[inside].any()
    assert not drawn[~inside].any()


@pytest.mark.browser
def test_a_map_keeps_sharp_cells(drawings):
    picture = ET.fromstring(drawings["logit-plane", "30cm"]).find(f".//{SVG}image")
    address = picture.get("{http://www.w3.org/1999/xlink}href")
    raw = io.BytesIO(base64.b64decode(address.partition(",")[2]))

    with Image.open(raw) as cells:
        assert cells.width >= 2 * float(picture.get("width"))
        whole = np.asarray(cells)
    blocks = whole.reshape(7, cells.height // 7, 7, cells.width // 7, -1)
    assert (blocks == blocks[:, :1, :, :1]).all()


@pytest.mark.browser
def test_png_knows_its_size_and_its_origin(sheet, drawer, run_view):
    png = made(sheet("loss-curves", width="8.5cm"), "png", drawer, 300 / 96)

    with Image.open(io.BytesIO(png)) as picture:
        assert picture.width == round(8.5 / 2.54 * 300)
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        told = json.loads(picture.text["grokdash"])
    assert (told["run"], told["epoch"]) == (run_view.id, run_view.last)


@pytest.mark.browser
@pytest.mark.parametrize("font", ["sans", "serif"])
def test_pdf_has_its_size_text_and_embedded_fonts(
    sheet, drawer, run_view, font, tmp_path
):
    pdf = made(sheet("logit-evolution", width="8.5cm", font=font), "pdf", drawer)
    read = pypdf.PdfReader(io.BytesIO(pdf))
    page = read.pages[0]

    assert float(page.mediabox.width) / 72 * 2.54 == pytest.approx(8.5, abs=0.01)
    assert len(read.pages) == 1
    assert "epoch" in page.extract_text()
    assert json.loads(read.metadata["/grokdash"])["run"] == run_view.id
    fonts = [one.get_object() for one in page["/Resources"]["/Font"].values()]
    assert {one["/Subtype"] for one in fonts} == {"/Type0"}
    for one in fonts:
        inner = one["/DescendantFonts"][0].get_object()
        assert "/FontFile2" in inner["/FontDescriptor"].get_object()
    if shutil.which("pdffonts"):
        (tmp_path / "a.pdf").write_bytes(pdf)
        listed = subprocess.run(
            ["pdffonts", tmp_path / "a.pdf"], capture_output=True, text=True, check=True
        )
        assert "Type 3" not in listed.stdout
        assert listed.stdout.count("TrueType") == len(fonts)


def test_files_are_written_whole_and_others_are_kept(sheet, tmp_path):
    def broken():
        raise KeyboardInterrupt

    drawn = sheet("loss-curves")
    jobs = [
        Job(tmp_path / "a.html", lambda: drawn, FORMATS["html"], 1.0),
        Job(tmp_path / "b.html", broken, FORMATS["html"], 1.0),
    ]

    with pytest.raises(KeyboardInterrupt):
        list(save(jobs))

    assert not list(tmp_path.glob("b*"))
    assert not list(tmp_path.glob("*.part"))
