"""The `study` command: parsing, and what it prints. Not here: the work itself (`study.app`)."""
