"""The training loop on a GPU, checked and measured: `make gpu`, or `python -m benchmarks.gpu`.

Needs Python, PyTorch and NumPy alone, neither Ray nor an installation of the project, and at most 8 minutes. Each part
runs in a process of its own (`parts`), so that one that fails, hangs or breaks the device costs nobody else's figures;
one JSON file holds what was found (`report`). `--device cpu --tiny` rehearses all of it where there is no GPU, and
`--pack` copies what another machine needs.
"""
