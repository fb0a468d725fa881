"""Train a run: the same as ``grokdash train``, from a checkout."""

import sys

from grokdash.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "train")
    main()
