"""A job to its records, with or without Ray. Not here: which jobs there are (`study.planning`)."""
