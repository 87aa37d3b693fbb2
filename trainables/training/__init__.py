"""The training loop and its parts: updates, optimisers, learning-rate schedules, penalties, checkpoints.

Not here: who runs it (`trainables.jobs`).
"""
