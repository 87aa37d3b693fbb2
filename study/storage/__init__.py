"""The results folder: records, locks, integrity, repair, diff, merge, the event log of a search.

Not here: what the records mean (`analysis`).
"""
