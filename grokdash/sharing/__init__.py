"""Runs for who has neither Python nor a server: one file, or a folder of files."""
