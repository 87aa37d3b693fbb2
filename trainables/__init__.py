"""One training run: what a knob means.

Nothing is imported here on purpose: `trainables.config` and `trainables.records` need neither torch nor Ray, and the
driver of a study, the analysis and the command line start in a fraction of a second because of it.
"""
