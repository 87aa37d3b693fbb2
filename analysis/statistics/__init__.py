"""Estimates, tests and intervals: pure functions of numbers.

Not here: where the numbers come from (`analysis.claims`).
"""
