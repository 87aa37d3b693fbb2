"""Studies to distinct trials, and what these will cost. Not here: running them (`study.execution`)."""
