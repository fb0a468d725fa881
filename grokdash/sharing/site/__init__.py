"""Runs, comparisons and sweeps as a folder for any host of files."""
