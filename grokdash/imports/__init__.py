"""Networks trained elsewhere, brought into the store as runs.

A folder or file is read in a child process (:mod:`~grokdash.imports.files`), its names
and shapes are translated (:mod:`~grokdash.imports.names`), what is not said is
recognised (:mod:`~grokdash.imports.recognise`), the training pairs are found out
(:mod:`~grokdash.imports.splits`), and :mod:`~grokdash.imports.job` measures and stores
every checkpoint as the trainer does.
"""
