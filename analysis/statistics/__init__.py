"""Verdicts with a guarantee, as pure functions of plain numbers: evidence of a bound, the rule, power, permutations.

Nothing here knows of studies, frames, trials or claims as data; `docs/verdicts.md` explains the rule.
"""
