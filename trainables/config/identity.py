"""A trial's name: the hash of all that decides its numbers.

Not here: which knobs there are (`trainables.config.trial_config`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

CODE_VERSION = 1
"""Version of the training code's numbers: raised whenever the same configuration would give other results."""


OMITTED_AT_DEFAULT: Mapping[str, Any] = {"held_out": 0.0, "split_seed": 0, "fold": 0}
"""Knobs that a record leaves out at their default, so that no record on file changes, nor a digest over all knobs. What
comes now is listed here.
"""
_ADDED: Mapping[str, Any] = {"bias": True, **OMITTED_AT_DEFAULT}
"""Knobs that came after the first records, with their defaults: at these they leave an identity as it was."""


def identity(values: Mapping[str, Any], data_checksum: str, code_version: int = CODE_VERSION) -> str:
    """`TrialConfig.identity` of a configuration's plain data, as `to_dict` gives it; nothing is checked."""
    return _digest(_text(values, data_checksum, code_version))


class _Described(Protocol):
    def to_dict(self) -> dict[str, Any]: ...


def identities(config: _Described, data_checksum: str, seeds: Sequence[int]) -> list[str]:
    """The same of a configuration under some seeds: what does not depend on the seed is written once."""
    before, found, after = _text({**config.to_dict(), "seed": 0}, data_checksum, CODE_VERSION).partition('"seed":0,')
    assert found, "a comma follows, for other knobs sort after the seed"
    return [_digest(f'{before}"seed":{seed},{after}') for seed in seeds]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _text(values: Mapping[str, Any], data_checksum: str, code_version: int) -> str:
    left_out = {"data", *(() if values["schedule"] == "cosine" else ("epochs",))}
    left_out |= {name for name, default in _ADDED.items() if values.get(name, default) == default}
    kept = {name: value for name, value in values.items() if name not in left_out}
    content = {"config": kept, "data": data_checksum, "code": code_version}
    return canonical_json(content)


def canonical_json(value: Any) -> str:
    """JSON with one spelling: sorted keys, no blanks, shortest round-trip floats; NaN and infinities are refused.

    >>> canonical_json({"b": 1.0, "a": [True, None]})
    '{"a":[true,null],"b":1.0}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=True)
