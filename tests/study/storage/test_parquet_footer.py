"""Sizes are read from a footer without pyarrow, which a wrong bit there makes end the process."""

from __future__ import annotations

import contextlib
import struct
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.storage.parquet_footer import ColumnSize, column_sizes
from tests.test_architecture import ROOT

FILES = sorted([*ROOT.glob("results/*/trials/*.parquet"), *ROOT.glob("tests/fixtures/v0.1/finished/**/*.parquet")])


@pytest.mark.parametrize("file", FILES, ids=lambda p: p.name[9:17])
def test_it_says_what_pyarrow_says(file: Path) -> None:
    data = file.read_bytes()
    footer = pq.ParquetFile(pa.BufferReader(data)).metadata
    groups = [footer.row_group(n) for n in range(footer.num_row_groups)]
    columns = [group.column(n) for group in groups for n in range(group.num_columns)]
    assert list(column_sizes(data)) == [
        ColumnSize(c.num_values, c.total_uncompressed_size, c.physical_type == "BYTE_ARRAY") for c in columns
    ]


@given(st.binary(max_size=300))
def test_rubbish_is_refused(rubbish: bytes) -> None:
    for data in (rubbish, b"PAR1" + rubbish + struct.pack("<I", len(rubbish)) + b"PAR1"):
        with contextlib.suppress(ValueError):
            assert all(size.values >= 0 and size.uncompressed >= 0 for size in column_sizes(data))


SOME_BITS = """
from study.storage.parquet import open_file
from tests.odd_values import MANY
from tests.study.storage.test_integrity_fuzz import SEGMENT
end = len(SEGMENT) - 8
begin = end - int.from_bytes(SEGMENT[end : end + 4], "little")
for at in range(begin, len(SEGMENT), 1 if MANY else 5):  # 7 of the 11 at which pyarrow ends the process are among these
    damaged = SEGMENT[:at] + bytes([SEGMENT[at] ^ 1 << 4]) + SEGMENT[at + 1 :]  # as of the size of a list
    try:
        open_file(damaged)
    except Exception:  # of many kinds, as its callers know
        pass
print("all refused or read")
"""


def test_no_wrong_bit_of_a_footer_ends_the_process() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SOME_BITS], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.stdout == "all refused or read\n", (done.returncode, done.stderr[:500])
