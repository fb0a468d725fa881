"""The page of several runs on one scrubber."""
