"""Measurements, one script a question: ``python -m bench`` runs all, ``python -m bench.way`` one."""
