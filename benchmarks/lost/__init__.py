"""What kills.py, faults.py, power.py and troubles.py are made of.

:mod:`~lost.nursery` starts trainers in no time, on a disk (``shim.c``) that does as it
is told; :mod:`~lost.trials` knows what they must leave behind.
"""
