"""What a Parquet file's footer says of its size, read without pyarrow.

A footer with one wrong bit makes pyarrow end the whole process where a column's sizes are asked for: its C++ throws,
and nobody catches that. The footer is in Thrift's compact protocol: a struct is its fields, with number and kind.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

MAGIC = b"PAR1"
MAX_DEPTH = 16
"""So deep structs lie in structs at most; a footer's in eight."""


class _Kind(IntEnum):
    """What a value is."""

    TRUE, FALSE, BYTE, DOUBLE, TEXT, LIST, SET, MAP, STRUCT, UUID = 1, 2, 3, 7, 8, 9, 10, 11, 12, 13


class _Field(IntEnum):
    """The numbers of the fields on the way from the file to a column's sizes."""

    ROW_GROUPS, COLUMNS, META_DATA, NUM_VALUES, UNCOMPRESSED = 4, 1, 3, 5, 6


_WHOLE_KINDS = (4, 5, 6)
COLUMN_KIND, KIND_OF_BYTES = 1, 6
"""The number of a column's field that says what it holds; what it says of one of texts or bytes."""


@dataclass(frozen=True)
class ColumnSize:
    """A column of a row group."""

    values: int
    uncompressed: int
    """Bytes of its pages."""
    text: bool
    """Whether its values are texts or bytes, which may be stored once and repeated."""


def column_sizes(data: bytes) -> Iterator[ColumnSize]:
    """The columns of all row groups of a whole Parquet file.

    Raises:
        ValueError: it is none, or its footer is damaged.
    """
    if len(data) < 12 or not data.endswith(MAGIC):
        raise ValueError("it does not end as a Parquet file")
    (length,) = struct.unpack_from("<I", data, len(data) - 8)
    if not 0 < length <= len(data) - 12:
        raise ValueError("its footer is damaged")
    return iter(_sizes(data[len(data) - 8 - length : len(data) - 8]))


@functools.lru_cache(maxsize=256)  # a command reads each file of a folder several times
def _sizes(footer: bytes) -> tuple[ColumnSize, ...]:
    return tuple(_Reader(footer, 0, len(footer)).sizes())


class _Reader:
    def __init__(self, data: bytes, at: int, end: int) -> None:
        self.data, self.at, self.end = data, at, end

    def sizes(self) -> list[ColumnSize]:
        found: list[ColumnSize] = []
        for number, kind in self._fields():
            if (number, kind) != (_Field.ROW_GROUPS, _Kind.LIST):
                self._skip(kind)
                continue
            for _ in self._structs():
                for inner, inner_kind in self._fields():
                    if (inner, inner_kind) == (_Field.COLUMNS, _Kind.LIST):
                        found += [self._column() for _ in self._structs()]
                    else:
                        self._skip(inner_kind)
        return found

    def _column(self) -> ColumnSize:
        said: dict[int, int] = {}
        for number, kind in self._fields():
            if (number, kind) != (_Field.META_DATA, _Kind.STRUCT):
                self._skip(kind)
                continue
            for inner, inner_kind in self._fields():
                if inner_kind in _WHOLE_KINDS:
                    said[inner] = self._whole()
                else:
                    self._skip(inner_kind)
        if not {COLUMN_KIND, _Field.NUM_VALUES, _Field.UNCOMPRESSED} <= said.keys():
            raise ValueError("its footer is damaged")
        if min(said[_Field.NUM_VALUES], said[_Field.UNCOMPRESSED]) < 0:
            raise ValueError("its footer is damaged")
        return ColumnSize(said[_Field.NUM_VALUES], said[_Field.UNCOMPRESSED], said[COLUMN_KIND] == KIND_OF_BYTES)

    def _fields(self) -> Iterator[tuple[int, int]]:
        """Number and kind of each field of a struct; whoever asks reads or skips its value before the next."""
        number = 0
        while (head := self._byte()) & 15:
            number = number + (head >> 4) if head >> 4 else self._whole()
            yield number, head & 15

    def _structs(self) -> range:
        """The numbers of a list of structs, each to be read in turn."""
        kind, count = self._list_head()
        if kind != _Kind.STRUCT and count:
            raise ValueError("its footer is damaged")
        return range(count)

    def _list_head(self) -> tuple[int, int]:
        head = self._byte()
        count = head >> 4
        return head & 15, self._plain() if count == 15 else count

    def _skip(self, kind: int, depth: int = 0) -> None:
        if kind in _WHOLE_KINDS:
            self._plain()
        elif kind == _Kind.TEXT:
            self._forward(self._plain())
        elif kind == _Kind.STRUCT and depth < MAX_DEPTH:
            for _, inner in self._fields():
                self._skip(inner, depth + 1)
        elif kind in (_Kind.LIST, _Kind.SET) and depth < MAX_DEPTH:
            inner, count = self._list_head()
            for _ in range(count):
                self._skip(_Kind.BYTE if inner in (_Kind.TRUE, _Kind.FALSE) else inner, depth + 1)
        elif kind == _Kind.MAP and depth < MAX_DEPTH:
            count = self._plain()
            kinds = self._byte() if count else 0
            for _ in range(count):
                for inner in (kinds >> 4, kinds & 15):
                    self._skip(_Kind.BYTE if inner in (_Kind.TRUE, _Kind.FALSE) else inner, depth + 1)
        elif kind in _BYTES:
            self._forward(_BYTES[kind])
        else:
            raise ValueError("its footer is damaged")

    def _byte(self) -> int:
        if self.at >= self.end:
            raise ValueError("its footer is damaged")
        self.at += 1
        return self.data[self.at - 1]

    def _forward(self, count: int) -> None:
        if count > self.end - self.at:
            raise ValueError("its footer is damaged")
        self.at += count

    def _plain(self) -> int:
        """A whole number of seven bits a byte, the lowest first."""
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise ValueError("its footer is damaged")

    def _whole(self) -> int:
        """The same with a sign, in its lowest bit."""
        value = self._plain()
        return (value >> 1) ^ -(value & 1)


_BYTES: dict[int, int] = {_Kind.TRUE: 0, _Kind.FALSE: 0, _Kind.BYTE: 1, _Kind.DOUBLE: 8, _Kind.UUID: 16}
"""How many bytes a value of a kind takes; true and false lie in the field's own head."""
