"""Formulas broken on purpose: which changes there are, and how code is exchanged."""
