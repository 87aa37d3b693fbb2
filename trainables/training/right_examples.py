"""Which validation examples each replicate has right: after the last epoch, and after the best so far."""

from __future__ import annotations

import math

import torch

from trainables.records.correct_examples import MAX_EXAMPLES, CorrectExamples, kept_examples, packed, unpacked


class RightExamples:
    """Flags that the evaluation pass sets, and what is kept of them.

    Args:
        replicates, examples: how many.
        device: where the pass runs.
    """

    def __init__(self, replicates: int, examples: int, device: torch.device) -> None:
        self.marks = torch.zeros(replicates, examples, dtype=torch.bool, device=device)
        """[R, n]; the evaluation pass sets them."""
        self.count = min(examples, MAX_EXAMPLES)
        self._rows = torch.from_numpy(kept_examples(examples)).to(device) if examples > self.count else None
        self._last, self._best = (torch.zeros(replicates, self.count, dtype=torch.bool, device=device) for _ in "lb")
        self._top = [-math.inf] * replicates
        self._known = [True] * replicates

    def take(self, replicate: int, accuracy: float) -> None:
        """Keep what the pass has just set, as the best where the accuracy is above all before it."""
        marks = self.marks[replicate]
        self._last[replicate] = marks if self._rows is None else marks[self._rows]
        if accuracy > self._top[replicate]:
            self._top[replicate], self._known[replicate] = accuracy, True
            self._best[replicate] = self._last[replicate]

    def examples(self, replicate: int) -> CorrectExamples | None:
        """Return the bits as a record has them; None where they are not known, since an old checkpoint did not tell."""
        if not self._known[replicate] or self._top[replicate] == -math.inf:
            return None
        last, best = (packed(flags[replicate].cpu().numpy()) for flags in (self._last, self._best))
        return CorrectExamples(self.count, last, best)

    def load(self, replicate: int, found: CorrectExamples | None, top: float) -> None:
        """Set a replicate to saved bits, and to the highest accuracy so far."""
        self._top[replicate], self._known[replicate] = top, found is not None
        if found is not None:
            for flags, bits in ((self._last, found.last), (self._best, found.best)):
                flags[replicate] = torch.from_numpy(unpacked(bits, self.count)).to(flags.device)
