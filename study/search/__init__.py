"""Searchers, schedulers and the controller of a search. Not here: Ray (`study.execution`)."""
