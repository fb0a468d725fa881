"""What a network computes, as numbers: pure NumPy functions on arrays.

No function reads or writes a file, changes its input or draws random numbers. Formulas
follow Nanda et al. 2023 (arXiv:2301.05217) unless a docstring says otherwise.
"""
