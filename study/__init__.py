"""Which runs, and running them. Imports nothing by itself; see `study.spec` for what a study may say."""
