"""What `study decide` says: where each claim stands and what it would cost, what is bought, and what stays open."""

from __future__ import annotations

import contextlib
import json
import math
import shlex
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.console import Console

from analysis.claims.sentences import chance_words, wider_words
from analysis.claims.words import DECIDED, WORDS, VerdictWord
from analysis.text.phrases import in_sentences
from study.app.decide_costs import (
    claims_table,
    cost_words,
    limit_words,
    max_cost_lines,
    money_words,
    names_of,
    purchase_lines,
    shown_width,
    trials_of,
    why_no_more,
    wrapped_lines,
)
from study.app.drawing import drawing_on
from study.app.live_view import UNICODE, CharacterSet, clock_text
from study.app.run_end import commands_with_purposes, finding_line, kept_lines, verdict_lines
from study.app.screen import letters_of, marks_of
from study.app.seed_offers import Offer, OpenClaim, seeds_words
from study.execution.progress import duration
from trainables.config.plurals import counted

if TYPE_CHECKING:
    from analysis.claims.verdicts import Verdict
    from study.app.decide_request import DecideRequest
    from study.app.decide_seeds import Prospects


@dataclass
class DecideView:
    """Told how it goes; `command` goes on from here."""

    command: str = ""
    quiet: bool = False
    as_json: bool = False
    opened: Callable[[str], None] = lambda where: None
    """Told the results folder, once it is sure that this writes there."""
    bought: bool = False
    """Whether anything was."""
    _last: str = "nothing yet"
    """The last line that was printed."""
    _told: set[tuple[str, str]] = field(default_factory=set)
    """Claims, by study and id, whose verdict was shown when a batch decided it."""

    @property
    def silent(self) -> bool:
        """Whether a run shows nothing as it goes."""
        return self.quiet or self.as_json

    def go_on(self) -> str:
        """Return the command that goes on, for the end of an error."""
        return f"\nnext  {self.command}" if self.command else ""

    @contextlib.contextmanager
    def judging(self, claims: int) -> Iterator[None]:
        """Within, a terminal shows that claims are judged, and for how long."""
        drawing = None if self.silent else drawing_on(Console(highlight=False))
        if drawing is None:
            yield
            return
        over, began = threading.Event(), time.monotonic()

        def tick() -> None:
            while True:
                with contextlib.suppress(OSError):
                    drawing.draw([f"judging {counted(claims, 'claim')}  {clock_text(time.monotonic() - began)}"])
                if over.wait(1.0):
                    return

        ticker = threading.Thread(target=tick, daemon=True)
        ticker.start()
        try:
            yield
        finally:
            over.set()
            ticker.join()
            drawing.close(keep=False)

    def began(self, now: Prospects, asked: DecideRequest) -> None:
        """Show where the claims stand, before anything is bought."""
        if self.as_json:
            most = now.most(asked)
            self._event("claims", claims=[_claim_json(c, now, asked) for c in now.claims], most_seeds=asked.most_seeds,
                        most_trials=trials_of(most), most_seconds=now.wall_seconds(most) if most else 0.0,
                        verdicts=_counts(now.verdicts), not_here=[e.why for e in now.elsewhere.values()])  # fmt: skip
            return
        self._say(_heading(now, asked), *claims_table(now, asked), *max_cost_lines(now, asked), "")

    def preview(self, now: Prospects, chosen: Sequence[Offer], asked: DecideRequest) -> None:
        """Show what would be bought first, and buy nothing."""
        if self.as_json:
            self._event("first", **_batch_json(now, chosen))
            return
        said = purchase_lines(now, chosen) if chosen else ["Nothing would be bought" + _why_nothing(now, asked)]
        self._say(*said, "Dry run: nothing was trained.")

    def buying(self, now: Prospects, chosen: Sequence[Offer]) -> None:
        """Show what a batch buys, before it is trained."""
        self.bought = True
        if self.as_json:
            self._event("batch", **_batch_json(now, chosen))
        else:
            self._say(*purchase_lines(now, chosen))

    def judged(self, before: Sequence[Verdict], now: Sequence[Verdict]) -> None:
        """Show what a batch decided."""
        was = {(v.study, v.id): v.verdict for v in before}
        new = [v for v in now if v.verdict in DECIDED and was[v.study, v.id] not in DECIDED]
        if self.as_json:
            for v in new:
                self._event("verdict", study=v.study, claim=v.id, verdict=v.verdict, decided_at=v.decided_at, p=v.p)
        elif new:
            self._told |= {(v.study, v.id) for v in new}
            self._say(*verdict_lines(new, shown_width(), letters_of(sys.stdout), now))

    def ended(self, first: Prospects, now: Prospects, asked: DecideRequest, spent: float) -> None:
        """What came of it, and what stays open."""
        was = {(v.study, v.id): v.verdict for v in first.verdicts}
        new = [v for v in now.verdicts if v.verdict in DECIDED and was[v.study, v.id] not in DECIDED]
        still = [v for v in now.verdicts if v.verdict not in (*DECIDED, "mechanism")]
        follows = shlex.join(["study", "report", asked.results])
        if self.as_json:
            decided, stays = [f"{v.study}/{v.id}" for v in new], [_open_json(v, now, asked) for v in still]
            self._event("end", decided=decided, seconds=spent, verdicts=_counts(now.verdicts), open=stays, next=follows)
            return
        letters = letters_of(sys.stdout)
        came = f"{_spent(spent, asked)}: {len(new)} decided, {_left(still)}"
        said = ["", f"decide  {came if now.verdicts else 'nothing to decide: no study here has a claim'}"]
        untold = [v for v in new if (v.study, v.id) not in self._told]
        said += ["", *verdict_lines(untold, shown_width(), letters, now.verdicts)] if untold else []
        if still:
            names = names_of(now)
            wide = max(len(names[v.study, v.id]) for v in still)
            said += ["", *(line for v in still for line in open_lines(v, now, asked, wide, letters))]
            said += _limit_lines(now, asked)
        said += ["", *kept_lines(was, now.verdicts), *_promise(now.verdicts), ""]
        shows = f"the page with every {'verdict' if now.verdicts else 'trial'}"
        self._say(*said, *commands_with_purposes([(follows, shows)], shown_width()))

    def _say(self, *lines: str) -> None:
        """Print lines, of empty ones never two in a row."""
        said = [line for text in lines for line in text.split("\n")]
        kept = [line for before, line in zip([self._last, *said], said, strict=False) if before or line]
        self._last = said[-1] if said else self._last
        if kept and not self.quiet:
            print("\n".join(kept), flush=True)

    @staticmethod
    def _event(event: str, **values: Any) -> None:
        print(json.dumps({"event": event, **values}, allow_nan=False, default=str), flush=True)


def _left(still: Sequence[Verdict]) -> str:
    """How many claims are not decided, each by the word that its own line has."""
    counts = _counts(still)
    n = counts.pop("open", 0)
    said = [f"{n} {'stays' if n == 1 else 'stay'} open"] if n or not counts else []
    return ", ".join([*said, *(f"{n} {WORDS[word]}" for word, n in counts.items())])


def _counts(verdicts: Sequence[Verdict]) -> dict[VerdictWord, int]:
    words = [v.verdict for v in verdicts]
    return {word: words.count(word) for word in dict.fromkeys(words)}


def _heading(now: Prospects, asked: DecideRequest) -> str:
    names = list(dict.fromkeys(v.study for v in now.verdicts)) or [s.name for s in now.plan.studies]
    shown = ", ".join(names) if len(names) < 4 else f"{len(names)} studies"
    counts = _counts(now.verdicts)
    done = sum(counts.get(word, 0) for word in DECIDED)
    spend = "" if asked.seconds == float("inf") else f", {limit_words(asked)} to spend"
    text = (
        f"{done} decided, {len(now.claims)} to be decided; at most {counted(asked.most_seeds, 'seed')} a claim{spend}."
    )
    return "\n".join([*wrapped_lines(text, f"{shown}  "), ""])


def _promise(verdicts: Sequence[Verdict]) -> list[str]:
    from analysis.claims.promise import guarantee_of

    of_families = [v for v in verdicts if v.family]
    return wrapped_lines(guarantee_of(of_families)) if of_families else []


def _limit_lines(now: Prospects, asked: DecideRequest) -> list[str]:
    """That the limit is why nothing more was bought of what more seeds may decide; nothing where there is none."""
    likely = [c for c in now.claims if asked.allowed.buys(c)]
    if not likely or math.isinf(asked.seconds):
        return []
    names = names_of(now)
    which = "this one" if len(likely) == 1 else f"any of {', '.join(names[c.study, c.id] for c in likely)}"
    return ["", *wrapped_lines(f"Deciding {which} would cost more than is left of what --hours or --price allow.")]


def _spent(spent: float, asked: DecideRequest) -> str:
    return f"{duration(spent)}{money_words(spent, asked)} spent"


def _why_nothing(now: Prospects, asked: DecideRequest) -> str:
    if not now.claims:
        return "."
    likely = [c for c in now.claims if asked.allowed.buys(c)]
    if not likely:
        if all(c.seeds >= asked.most_seeds for c in now.claims):
            return f": --max-seeds allows {asked.most_seeds}, and each has them."
        least = f"{100 * asked.least_chance:g}"
        return f": {asked.most_seeds} seeds decide none of these with a chance of {least} % or more (--min-chance)."
    return ": deciding any of these would cost more than is allowed."


def open_lines(
    verdict: Verdict, now: Prospects, asked: DecideRequest, id_width: int, letters: CharacterSet = UNICODE
) -> list[str]:
    """A claim that stays open, what it would need and cost, or why nothing would help; `id_width`: letters of an id."""
    name = names_of(now).get((verdict.study, verdict.id), verdict.id)
    head = f"{marks_of(letters)[verdict.verdict]} {WORDS[verdict.verdict]:7s}  {name:{id_width}s}  "
    return wrapped_lines(_would_take(verdict, now, asked), head)


def _would_take(v: Verdict, now: Prospects, asked: DecideRequest) -> str:
    claim = next((c for c in now.claims if (c.study, c.id) == (v.study, v.id)), None)
    if claim is None:
        return " ".join(dict.fromkeys(filter(None, (finding_line(v), why_no_more(now, v)))))
    part = (v.part.finding + wider_words(v) if v.part.estimate else v.statement).rstrip(".")
    waits = f" {in_sentences(v.reason)}." if v.verdict == "missing" or v.fills else ""
    if claim.need is None:
        return f"{part}. Its first look takes {counted(max(0, 5 - claim.seeds), 'more seed')}.{waits}"
    cost = cost_words(claim, now, asked)
    if claim.need.one_look is not None:
        needs = f"{part}. It is judged once, after {counted(max(0, claim.need.one_look - claim.seeds), 'more seed')}"
    else:
        sure = claim.need.undecided if claim.need.low is None else claim.need.chance
        needs = f"{part}. It would need {seeds_words(claim)} more seeds (with a {chance_words(sure)})"
    needs += f", {cost}" * (cost != "?")
    chance = f"{asked.most_seeds} seeds in all decide it with a {chance_words(claim.chance(asked.most_seeds))}"
    if not asked.allowed.buys(claim):
        waits = " That it is open is an answer too." if v.verdict == "open" and not v.fills else waits
        return f"{needs}. {chance}, so no more were bought.{waits}"
    return f"{needs}. {chance}.{waits}"


def _claim_json(c: OpenClaim, now: Prospects, asked: DecideRequest) -> dict[str, Any]:
    span, need = now.seconds_to_decide(c), c.need
    return {
        "study": c.study, "claim": c.id, "seeds": c.seeds, "arms": list(c.arms),
        "more_low": None if need is None or need.low is None else need.low - c.seeds,
        "more_high": None if need is None or need.high is None else need.high - c.seeds,
        "range_chance": None if need is None else need.chance,
        "chance": None if need is None else c.chance(asked.most_seeds),
        "seconds_low": span[0] if span else None, "seconds_high": span[1] if span else None,
    }  # fmt: skip


def _open_json(v: Verdict, now: Prospects, asked: DecideRequest) -> dict[str, Any]:
    claim = next((c for c in now.claims if (c.study, c.id) == (v.study, v.id)), None)
    of_claim = _claim_json(claim, now, asked) if claim else {"study": v.study, "claim": v.id}
    return {**of_claim, "verdict": v.verdict, "why": ". ".join(filter(None, (v.reason, now.why_elsewhere(v))))}


def _batch_json(now: Prospects, chosen: Sequence[Offer]) -> dict[str, Any]:
    from study.app.seed_offers import seeds_by_arm

    claims = [f"{o.claim.study}/{o.claim.id}" for o in chosen]
    return {"claims": claims, "asked": {a: list(s) for a, s in seeds_by_arm(chosen).items()},
            "seconds": now.wall_seconds(chosen), "ends": now.ending(chosen)}  # fmt: skip
