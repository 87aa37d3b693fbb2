"""Running trials by Ray: sessions, liveness, interrupts, progress. Not here: which trials (`study.planning`)."""
