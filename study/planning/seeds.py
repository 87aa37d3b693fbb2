"""Which seeds are asked for: a count from 0, or the seeds themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from study.spec.checks import MAX_SEED
from study.spec.study import Study
from trainables.config.errors import BadInput
from trainables.config.nearest import did_you_mean
from trainables.config.plurals import noun

EXPECTED = "expected how many (5 is seeds 0 to 4), or the seeds themselves (3-4, or 3,4, or 0-4,8)"


def read_seeds(asked: int | str | tuple[int, ...]) -> tuple[int, ...]:
    """The seeds that are meant, in order.

    >>> read_seeds(5), read_seeds("5"), read_seeds("3-4"), read_seeds("8,0-2"), read_seeds("3,")
    ((0, 1, 2, 3, 4), (0, 1, 2, 3, 4), (3, 4), (0, 1, 2, 8), (3,))

    Raises:
        BadInput: for no seed, one below 0 or above `MAX_SEED`, one named twice, or what is no number.
    """
    if isinstance(asked, tuple):
        return _checked(asked, ",".join(map(str, asked)))
    text = str(asked).strip()
    if _is_number(text.removeprefix("-")):
        if not 1 <= int(text) <= MAX_SEED + 1:
            raise BadInput("--seeds", int(text), f"expected 1 to {MAX_SEED + 1}")
        return tuple(range(int(text)))
    seeds: list[int] = []
    for piece in text.removesuffix(",").split(","):
        first, dash, last = (p.strip() for p in piece.partition("-"))
        ends = (first, last if dash else first)
        if not all(map(_is_number, ends)) or int(ends[0]) > int(ends[1]) or int(ends[1]) > MAX_SEED:
            raise BadInput("--seeds", text, f"{EXPECTED}; no seed is above {MAX_SEED}")
        seeds += range(int(ends[0]), int(ends[1]) + 1)
    return _checked(tuple(seeds), text)


def read_arm_seeds(asked: Mapping[str, Sequence[int]]) -> dict[str, tuple[int, ...]]:
    """Seeds that are asked of some arms only, by `STUDY/ARM`, in order.

    >>> read_arm_seeds({"dropout/none": [6, 5]})
    {'dropout/none': (5, 6)}

    Raises:
        BadInput: as `read_seeds`; names the arm.
    """
    return {
        name: _checked(tuple(seeds), ",".join(map(str, seeds)), f"seeds of {name}") for name, seeds in asked.items()
    }


def check_arms(asked: Iterable[str], studies: Iterable[Study]) -> None:
    """Refuse `STUDY/ARM` names that no study has, and studies of which no arm is asked anything.

    Raises:
        BadInput: names it, with the nearest arm.
    """
    names, arms = set(asked), {s.name: [f"{s.name}/{a.name}" for a in s.arms] for s in studies}
    known = [name for of in arms.values() for name in of]
    for name in sorted(names - set(known)):
        where = f"expected STUDY/ARM, an arm of {' or '.join(arms)}"
        raise BadInput("arm", name, f"{where}{did_you_mean(name, known)}")
    for study, of in arms.items():
        if not names & set(of):
            raise BadInput("study", study, "no seeds are asked of any of its arms: leave it out, or name one of them")


def seeds_text(seeds: tuple[int, ...]) -> str:
    """How `--seeds` spells them.

    >>> seeds_text((0, 1, 2)), seeds_text((3, 4)), seeds_text((0, 1, 2, 8)), seeds_text((3,))
    ('3', '3-4', '0-2,8', '3,')
    """
    if seeds == tuple(range(len(seeds))):
        return str(len(seeds))
    text = ",".join(str(a) if a == b else f"{a}-{b}" for a, b in consecutive(seeds))
    return f"{text}," if len(seeds) == 1 else text


def consecutive(seeds: Iterable[int]) -> list[tuple[int, int]]:
    """The first and the last seed of each stretch without a gap; seeds are given in order.

    >>> consecutive((0, 1, 2, 8))
    [(0, 2), (8, 8)]
    """
    found: list[tuple[int, int]] = []
    for seed in seeds:
        if found and seed == found[-1][1] + 1:
            found[-1] = found[-1][0], seed
        else:
            found.append((seed, seed))
    return found


def seeds_option(seeds: tuple[int, ...]) -> list[str]:
    """The words of a command that asks for them; none where they are what it takes by itself.

    >>> seeds_option((0, 1, 2, 3, 4)), seeds_option((3, 4))
    ([], ['--seeds', '3-4'])
    """
    text = seeds_text(seeds)
    return [] if text == "5" else ["--seeds", text]


def seeds_words(seeds: tuple[int, ...]) -> str:
    """How a sentence names them.

    >>> seeds_words((0, 1, 2)), seeds_words((0,)), seeds_words((3, 4)), seeds_words((3,))
    ('3 seeds', '1 seed', 'seeds 3-4', 'seed 3')
    """
    text = seeds_text(seeds)
    if text.isdigit():
        return "1 seed" if text == "1" else f"{text} seeds"
    return f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {text}"


def seeds_spelled(seeds: tuple[int, ...]) -> str:
    """How a sentence names them where it matters which they are.

    >>> seeds_spelled((0, 1, 2)), seeds_spelled((0,)), seeds_spelled((0, 3, 4))
    ('seeds 0-2', 'seed 0', 'seeds 0,3-4')
    """
    spans = ",".join(str(a) if a == b else f"{a}-{b}" for a, b in consecutive(seeds))
    return f"{noun(len(seeds), 'seed')} {spans}"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _checked(seeds: tuple[int, ...], text: str, field: str = "--seeds") -> tuple[int, ...]:
    if not seeds or not all(type(s) is int and 0 <= s <= MAX_SEED for s in seeds):
        raise BadInput(field, text, f"{EXPECTED}; no seed is above {MAX_SEED}")
    if twice := sorted({s for s in seeds if seeds.count(s) > 1}):
        raise BadInput(field, text, f"seed {twice[0]} is named twice")
    return tuple(sorted(seeds))


def seeds_named(seeds: Iterable[int]) -> str:
    """Seeds in words; four and more in a row by their ends.

    >>> seeds_named([2]), seeds_named([0, 1, 2]), seeds_named([4, 0, 1, 2, 3, 7])
    ('seed 2', 'seeds 0, 1, 2', 'seeds 0 to 4, 7')
    """
    named = sorted(seeds)
    said = [f"{a} to {b}" if b - a >= 3 else ", ".join(map(str, range(a, b + 1))) for a, b in consecutive(named)]
    return f"{noun(len(named), 'seed')} {', '.join(said)}"
