"""Numbers, phrases and tables as values, ready to be written. Not here: which tables there are (`analysis.tables`)."""
