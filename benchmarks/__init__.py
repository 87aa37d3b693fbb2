"""Speed, side by side with what people would use instead: `make bench`, or `python -m benchmarks --list`.

Each figure is a ratio from one run, both sides by turns, with its median and range; see `docs/performance.md` for what
the figures say. Nothing in `trainables`, `study` and `analysis` knows of this folder.
"""
