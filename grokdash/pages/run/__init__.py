"""Pages of one run: Explore, and one page per subject."""
