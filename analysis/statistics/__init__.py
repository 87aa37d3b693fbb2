"""Estimates, intervals, evidence of a bound, the rule of a verdict, power: pure functions of plain numbers.

Nothing here knows of studies, frames, trials or claims as data; `docs/verdicts.md` explains the rule.
"""
