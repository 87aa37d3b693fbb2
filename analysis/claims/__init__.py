"""Claims measured and judged. Not here: the statistics (`analysis.statistics`) and the page (`analysis.report`)."""
