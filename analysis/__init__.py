"""Results to understanding: reads files, imports neither torch nor Ray."""
