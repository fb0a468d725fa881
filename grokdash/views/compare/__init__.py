"""Runs side by side: their alignment, differences, overlaid curves."""
