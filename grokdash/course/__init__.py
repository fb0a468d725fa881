"""The course: chapters, glossary and what stands beside them, in one set of texts.

The texts are Markdown with a few marks, which :mod:`grokdash.course.marks` explains.
The Guide lays them out as pages, and docs/generate.py writes the same into docs.
"""
