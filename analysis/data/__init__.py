"""A results folder as tidy frames. Not here: what is estimated from them (`analysis.statistics`, `analysis.claims`)."""
