"""Films of training: which epochs they show, how they are drawn and how written.

The pictures come from the app's own page in a Chromium without a window, which draws
them as the player does, so a film looks like what is played.
"""
