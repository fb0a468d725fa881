"""``python -m grokdash``."""

from grokdash.cli import main

if __name__ == "__main__":
    main()
