"""Films as files: every format read back, and nothing left of what failed."""

import io

import av
import numpy as np
import pytest
from PIL import Image

from grokdash.contract.film import FilmPlan, FilmShot
from grokdash.errors import ConfigError
from grokdash.saving import browser
from grokdash.saving.film import make
from grokdash.saving.film.formats import FILM_FORMATS, Reel, film_format
from grokdash.saving.film.make import check_file, make_film

SIZE = (320, 240)
COLOURS = [(200, 30, 30), (30, 160, 60), (30, 60, 200)]
BACK = (250, 250, 240)


def jpeg(place):
    """A square of one colour on paper, each somewhere else."""
    picture = Image.new("RGB", SIZE, BACK)
    left = 40 + 80 * place
    picture.paste(COLOURS[place], (left, 80, left + 60, 160))
    out = io.BytesIO()
    picture.save(out, "jpeg", quality=95)
    return out.getvalue()


PICTURES = [jpeg(0), b"", jpeg(1), b"", b"", jpeg(2)]
SHOWN = [0, 0, 1, 1, 1, 2]


@pytest.mark.parametrize("kind", FILM_FORMATS, ids=lambda kind: kind.ending)
def test_a_film_has_its_pictures_in_order_and_colour(kind, tmp_path):
    path = tmp_path / f"a.{kind.ending}"
    about = {"title": "A film", "comment": "from a run"}
    seen = [one for one in PICTURES if one]
    reel = Reel(width=320, height=240, fps=10, metadata=about, samples=seen)

    writer = kind.open(path, reel)
    writer.add(PICTURES[:3])
    writer.add(PICTURES[3:])
    writer.close()

    with av.open(str(path)) as film:
        keys, found = 0, []
        for frame in film.decode(video=0):
            keys += frame.key_frame
            found.append((float(frame.time), frame.to_ndarray(format="rgb24")))
        told = {name.lower(): text for name, text in film.metadata.items()}
    assert [time for time, _ in found] == pytest.approx(np.arange(6) / 10, abs=0.011)
    for place, (_, picture) in zip(SHOWN, found, strict=True):
        assert picture.shape == (240, 320, 3)
        middle = picture[120, 70 + 80 * place].astype(int)
        assert np.abs(middle - COLOURS[place]).max() < 25
        assert np.abs(picture[20, 20].astype(int) - BACK).max() < 8
    if kind.ending != "gif":
        assert keys == 1
        assert about.items() <= told.items()


def test_names_of_files_say_the_format(tmp_path):
    assert film_format(tmp_path / "A.MP4") is FILM_FORMATS[0]
    with pytest.raises(ConfigError, match=r"a\.avi: expected .* \.mp4, \.webm, \.gif"):
        check_file(tmp_path / "a.avi", fps=25, anew=False)
    with pytest.raises(ConfigError, match=r"--fps: a \.gif shows at most 50"):
        check_file(tmp_path / "a.gif", fps=60, anew=False)
    (tmp_path / "a.mp4").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"a\.mp4: is there already; --force"):
        check_file(tmp_path / "a.mp4", fps=25, anew=False)
    check_file(tmp_path / "a.mp4", fps=25, anew=True)


def test_no_encoder_and_no_browser_name_what_to_install(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(__import__("sys").modules, "av", None)
        with pytest.raises(ConfigError, match="pip install av"):
            check_file(tmp_path / "a.mp4", fps=25, anew=False)
    with monkeypatch.context() as patch:
        patch.setitem(__import__("sys").modules, "choreographer", None)
        with pytest.raises(ConfigError, match="pip install choreographer"):
            browser.find_browser()
    monkeypatch.setattr(browser, "find_browser", lambda: None)
    with pytest.raises(ConfigError, match="install chromium"):
        make_film(
            plan(), "http://x", tmp_path / "a.mp4", fps=9, metadata={}, tell=print
        )
    assert not list(tmp_path.iterdir())


def plan(count=40):
    shot = FilmShot(steps=[0], names=[], label="epoch 0")
    return FilmPlan(
        columns=[],
        chart=None,
        views=[],
        title="T",
        origin="",
        width=320,
        height=240,
        ratio=1.0,
        shots=[shot] * count,
    )


class Page:
    """A page that gives its pictures, until it fails."""

    def __init__(self, fails_at):
        self.fails_at = fails_at

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        pass

    async def sample(self, count, quality):
        return [jpeg(0)] * count

    async def shoot(self, first, end, quality):
        if end > self.fails_at:
            raise KeyboardInterrupt
        return [jpeg(0)] * (end - first)


@pytest.mark.parametrize("there", [b"", b"an older film"])
def test_a_film_that_is_given_up_leaves_nothing_half_written(
    there, tmp_path, monkeypatch
):
    path = tmp_path / "a.mp4"
    if there:
        path.write_bytes(there)
    monkeypatch.setattr(make, "studio", lambda *_: Page(30))

    with pytest.raises(KeyboardInterrupt):
        make_film(plan(), "http://x", path, fps=25, metadata={}, tell=lambda _: None)

    assert [one.name for one in tmp_path.iterdir()] == ([path.name] if there else [])
    assert not there or path.read_bytes() == there
