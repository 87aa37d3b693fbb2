"""`make bench`: run all figures, or some, and write `results.md` and `results.json`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

from benchmarks.figures import Figure, keep, stamped
from benchmarks.trials import PEERS

Group = Callable[[int, int], list[Figure]]


def _groups(*, go_on: bool = False, peers: Sequence[str] = ()) -> dict[str, Group]:
    from benchmarks import (
        cluster_scale,
        commands,
        engine,
        growth,
        load,
        loading,
        loop,
        memory,
        replay,
        resume,
        trials,
        verdicts,
    )

    return {
        "trial": trials.trial,
        "small": partial(trials.small, go_on=go_on, peers=peers),
        "empty": trials.empty,
        "bound": loop.bound,
        "optimizer": loop.optimizers,
        "bf16": loop.bf16,
        "stacked": loop.stacked,
        "memory": memory.memory,
        "loading": loading.loading,
        "commands": commands.commands,
        "engine": engine.engine,
        "many": engine.many,
        "resume": resume.resume,
        "growth": growth.growth,
        "nodes": cluster_scale.nodes,
        "large": load.large,
        "replay": replay.replay,
        "verdicts": verdicts.verdicts,
    }


def main(arguments: list[str] | None = None) -> None:
    """Command line; a group that fails is said and left out, and the exit code is 1 then."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", action="append", metavar="GROUP", help="one group of figures; may be given several times"
    )
    parser.add_argument("--repeats", type=int, default=5, help="rounds; each has both sides (5)")
    parser.add_argument("--part", type=int, default=1, help="a so much smaller piece of the work, for a look (1)")
    parser.add_argument("--go-on", action="store_true", help="count the rounds of the small study that are on record")
    parser.add_argument("--peer", action="append", choices=PEERS, help="the small study against these only")
    parser.add_argument("--list", action="store_true", help="the groups, and no more")
    asked = parser.parse_args(arguments)
    groups = _groups(go_on=asked.go_on, peers=asked.peer or ())
    if asked.list:
        for name, group in groups.items():
            about = getattr(group, "func", group).__doc__ or ""
            print(f"{name:12s}{about.splitlines()[0]}")
        return
    unknown = set(asked.only or ()) - set(groups)
    if unknown:
        parser.error(f"there is no group {', '.join(sorted(unknown))}; --list shows them")
    failed = False
    for name in asked.only or groups:
        began = time.monotonic()
        print(f"{name} ...", flush=True)
        try:
            found = [stamped(f) for f in groups[name](asked.repeats, asked.part)]
        except Exception as error:  # one group's fault must not cost the others' hours
            failed = True
            print(f"{name} failed: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        for f in found:
            _say(f)
        keep(found)
        print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    if failed:
        sys.exit(1)


def _say(f: Figure) -> None:
    ratio = "" if f.ratio is None else f"ratio {f.ratio:.3g} ({f.low:.3g} to {f.high:.3g}), "
    aim = "" if f.aim is None else f", aim {f.aim:g}: {f.verdict}"
    ours = "" if f.ours is None else f"ours {f.ours:.4g} {f.unit}, "
    print(f"  {f.name}: {ours}{ratio}{f.repeats} rounds{aim}; {f.note}", flush=True)
