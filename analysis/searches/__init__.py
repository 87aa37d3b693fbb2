"""What a search found: frames, importances, sentences. Not here: the search itself (`study.search`)."""
