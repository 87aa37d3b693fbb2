"""Running trials, by Ray or in this process: sessions, liveness, interrupts, progress.

Not here: which trials (`study.planning`).
"""
