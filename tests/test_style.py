"""Rules of CONTRIBUTING that no linter knows."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST_LINES = 400
LONGER = {
    "grokdash/store/reader.py": "a run is read from pieces and packed file together",
    "grokdash/store/writer.py": "one class owns the lock, queue and files of a run",
}


def test_modules_are_short_but_for_those_with_a_reason():
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in (ROOT / "grokdash").rglob("*.py")
    }

    assert {name for name, n in lengths.items() if n > MOST_LINES} == LONGER.keys()
