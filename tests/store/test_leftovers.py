"""What is left of a run that was being made in a hidden folder when its maker died."""

import os
import subprocess
import sys

from grokdash.store import open_store
from grokdash.store.leftovers import hidden_folder

PREFIX = ".import-"
DIES = """
import os, sys
from pathlib import Path
from grokdash.config import make_config
from grokdash.store import RunWriter
from grokdash.store.leftovers import hidden_folder
with hidden_folder(Path(sys.argv[1]), ".import-") as folder:
    RunWriter.create(folder, make_config("quick"), name="half")
    os._exit(9)
"""


def test_a_killed_maker_leaves_nothing_that_looks_like_a_run(tmp_path):
    done = subprocess.run([sys.executable, "-c", DIES, str(tmp_path)], check=False)
    (left,) = tmp_path.iterdir()
    store = open_store(tmp_path)

    assert done.returncode == 9
    assert (left / "half" / "run.json").exists()
    assert store.run_ids() == []
    assert store.summaries() == []

    os.utime(left, (0, 0))
    with hidden_folder(tmp_path, PREFIX):
        assert not left.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_left_to_its_maker(tmp_path):
    with hidden_folder(tmp_path, PREFIX) as mine:
        os.utime(mine, (0, 0))
        with hidden_folder(tmp_path, PREFIX) as other:
            assert mine.exists()
            assert other != mine
