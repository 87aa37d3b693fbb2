"""What deciding claims costs, as `study decide` says it: before anything is bought, and of what a batch buys."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.claims.sentences import chance_words
from analysis.text.phrases import first_up
from study.app.claim_names import claim_names
from study.app.seed_offers import Offer, OpenClaim, money, seeds_words
from study.app.wrapping import MIN_COLUMNS, columns_of, wrapped_words
from study.execution.progress import duration, rough_duration, rough_range
from study.planning.seeds import seeds_named
from trainables.config.plurals import counted

if TYPE_CHECKING:
    from analysis.claims.verdicts import Verdict
    from study.app.decide_request import DecideRequest
    from study.app.decide_seeds import Prospects


def shown_width() -> int:
    """Columns of where it is printed."""
    return max(MIN_COLUMNS, columns_of(sys.stdout))


def wrapped_lines(text: str, head: str = "") -> list[str]:
    """A text in lines so wide; `head`: before its first words."""
    return wrapped_words(text, shown_width(), (head, " " * len(head)))


def limit_words(asked: DecideRequest) -> str:
    """The time that training may take."""
    return duration(asked.seconds).replace(" 00 s", "").replace(" 00 min", "")


def cost_words(claim: OpenClaim, now: Prospects, asked: DecideRequest) -> str:
    """What that costs on this machine."""
    span = now.seconds_to_decide(claim)
    if span is None:
        return "?"
    low, high = max(1.0, span[0]), span[1]
    time = f"{rough_duration(low)} or more" if high is None else rough_range(low, max(1.0, high))
    if asked.hourly_price is None:
        return time
    paid = list(dict.fromkeys(money(seconds, asked.hourly_price) for seconds in span if seconds is not None))
    if high is None and paid[0].startswith("below"):
        return time  # no money that is known: below so little, or more
    return f"{time} ({' to '.join(paid)}{'' if high is not None else ' or more'})"


def names_of(now: Prospects) -> dict[tuple[str, str], str]:
    """What each claim is called, by study and id, among all of them: the same in every line."""
    return claim_names([*((v.study, v.id) for v in now.verdicts), *((c.study, c.id) for c in now.claims)])


def claims_table(now: Prospects, asked: DecideRequest) -> list[str]:
    """A line a claim that seeds may decide, by what a decision costs at the least."""
    names = names_of(now)
    rows = [("claim", "seeds", "more seeds", "chance", "cost")]
    for c in sorted(now.claims, key=lambda c: (now.seconds_to_decide(c) or (math.inf, None))[0]):
        chance = (
            "?"
            if c.need is None
            else chance_words(c.chance(asked.most_seeds)).removeprefix("chance ").removeprefix("of ")
        )
        unlikely = "" if asked.allowed.buys(c) else "; not bought"
        rows.append((names[c.study, c.id], str(c.seeds), seeds_words(c), chance, cost_words(c, now, asked) + unlikely))
    if len(rows) == 1:
        left = f"No claim is left that seeds could decide{' here' * bool(now.elsewhere)}."
        return [left, *(line for why in _why_none(now) for line in wrapped_lines(why))]
    wide = [max(len(row[i]) for row in rows) for i in range(5)]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, wide, strict=True)).rstrip() for row in rows]
    foot = (
        f"more seeds: a range with 80 % chance; chance: that {asked.most_seeds} seeds decide it; both of what the "
        f"seeds so far make likely. cost: of that claim alone, on {counted(now.cores, 'core')}"
        + ("" if now.pace else "; a guess, because no trial on these data was measured here")
    )
    return [*lines, *wrapped_lines(foot), *wrapped_lines(" ".join(e.why for e in now.elsewhere.values()))]


def why_no_more(now: Prospects, v: Verdict) -> str:
    """Why no more seeds count for an open claim; empty where they do."""
    ended = v.verdict == "open" and v.need is None and v.reason
    return now.why_elsewhere(v) or (f"{first_up(v.reason)}." if ended else "")


def _why_none(now: Prospects) -> list[str]:
    """The same of each claim for which none count, with its name."""
    names = names_of(now)
    return [f"{names[v.study, v.id]}: {why}" for v in now.verdicts if (why := why_no_more(now, v))]


def max_cost_lines(now: Prospects, asked: DecideRequest) -> list[str]:
    """What all of it costs at the most, before anything is bought."""
    most = now.most(asked)
    if not most:
        return []
    whole = now.wall_seconds(most)
    all_of_it = f"{counted(trials_of(most), 'trial')}, about {_priced(whole, asked)}"
    if whole > asked.seconds:
        allowed = f"{limit_words(asked)}{money_words(asked.seconds, asked)}"
        said = f"at most {allowed}, as allowed; all {asked.most_seeds} seeds would be {all_of_it}."
    else:
        said = (
            f"at most {all_of_it}, if each of these takes {asked.most_seeds} seeds; less where one is decided sooner."
        )
        said += " --hours or --price sets a limit." if math.isinf(asked.seconds) else ""
    return ["", *wrapped_lines(said, "cost  ")]


def _priced(seconds: float, asked: DecideRequest) -> str:
    """A guess of time, and its money."""
    return f"{rough_duration(max(1.0, seconds))}{money_words(seconds, asked)}"


def money_words(seconds: float, asked: DecideRequest) -> str:
    """What so much time costs, after a comma; nothing where this machine has no price."""
    return f", {money(seconds, asked.hourly_price)} of money" if asked.hourly_price else ""


def trials_of(offers: Sequence[Offer]) -> int:
    """Different ones among some offers."""
    return len({t[0] for o in offers for of in o.trials.values() for t in of.values()})


def purchase_lines(now: Prospects, chosen: Sequence[Offer]) -> list[str]:
    """What a batch buys, a line a claim, and what it costs."""
    said: list[str] = []
    names = names_of(now)
    for i, offer in enumerate(chosen):
        seeds = sorted({s for of in offer.trials.values() for s in of})
        what = f"{seeds_named(seeds)} of {', '.join(offer.trials)}"
        said += wrapped_lines(f"{names[offer.claim.study, offer.claim.id]}: {what}", "buys  " if i == 0 else "      ")
    trials = trials_of(chosen)
    seconds = max(1.0, now.wall_seconds(chosen))
    said += [f"      {counted(trials, 'trial')}, about {rough_duration(seconds)}"]
    return [*said, *(line for end in now.ending(chosen) for line in wrapped_lines(end, "ends  "))]
