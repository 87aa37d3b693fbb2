"""How large a Parquet file becomes when it is read, from its footer alone: 19 kB can become gigabytes."""

from __future__ import annotations

import pyarrow.parquet as pq

MAX_BYTES = 512 * 2**20
"""What any file may become. Gathered records of 1000 trials become about 50 MB."""
MAX_RATIO = 1000
"""Larger ones may become so many times their size: equal texts are kept once a row group, of 100 trials in ours."""


def require_bounded(source: pq.ParquetFile, size: int) -> None:
    """Refuse a file of some bytes whose footer announces far more than its like ever holds.

    Raises:
        ValueError: says how much it would become.
    """
    found = expanded_bytes(source)
    if found > max(MAX_BYTES, MAX_RATIO * size):
        raise ValueError(f"its {size:,} bytes would become up to {found:,}; it is not read")


def expanded_bytes(source: pq.ParquetFile) -> int:
    """The most that the values of a file can take in memory; a text may be kept once and stand in every row."""
    total, footer = 0, source.metadata
    for i in range(footer.num_row_groups):
        group = footer.row_group(i)
        for j in range(group.num_columns):
            column = group.column(j)
            texts = column.physical_type in ("BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY")
            total += column.num_values * max(column.total_uncompressed_size, 1) if texts else 8 * column.num_values
    return int(total)
