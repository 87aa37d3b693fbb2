"""Columns of text as wide as the window: names give way first, then columns from the right."""

from __future__ import annotations

from collections.abc import Sequence

NAME_CHARS = 24
"""Letters to which a name is shortened before a column has to go."""
NAME_LEAST = 6
"""Letters that are left of a name at the least."""


def fitted_table(
    columns: Sequence[tuple[str, Sequence[str]]],
    width: int,
    keep: int = 4,
    notes: Sequence[str] = (),
    spared: str | None = None,
) -> list[str]:
    """Columns with two spaces between them; what does not fit leaves from the right, but for the first `keep`.

    `notes`: a last column, without a head, which stays: it may say that there is no number because all diverged.
    `spared`: the head of the column that leaves before all others.
    """
    shown = [(head, cells) for head, cells in columns if any(cells)]
    last = [("", notes)] if any(notes) else []
    shown += last
    widths = [max(len(head), *map(len, cells)) for head, cells in shown]
    # long names give way before a column does
    least = min(widths[0], max(NAME_LEAST, len(shown[0][0]), _least(shown[0][1]))) if shown else 0
    while len(shown) > keep + len(last) and least + sum(widths[1:]) + 2 * (len(widths) - 1) > width:
        at = next((i for i, (head, _) in enumerate(shown) if head == spared and i >= keep), len(shown) - 1 - len(last))
        del shown[at], widths[at]
    widths[:1] = [min(w, max(NAME_LEAST, width - sum(widths[1:]) - 2 * (len(widths) - 1))) for w in widths[:1]]
    lines = []
    for cells in [[head for head, _ in shown], *map(list, zip(*(c for _, c in shown), strict=True))]:
        fitted = [shortened(c, w) for c, w in zip(cells, widths, strict=True)]
        lines.append("  ".join(f"{c:{w}s}" for c, w in zip(fitted, widths, strict=True)).rstrip()[:width])
    return lines


def _least(names: Sequence[str]) -> int:
    """The letters that tell names apart, not below `NAME_CHARS`."""
    longest = max(map(len, names), default=0)
    kinds = len(set(names))
    return next((w for w in range(NAME_CHARS, longest) if len({shortened(n, w) for n in names}) == kinds), longest)


def shortened(text: str, width: int) -> str:
    """Shortened in its middle."""
    if len(text) <= width:
        return text
    left = (width - 1) // 2
    return f"{text[:left]}~{text[len(text) - (width - 1 - left) :]}"
