"""The words of the next command, from those of the last."""

from __future__ import annotations

from study.app.command_words import full_command, without_seeds


def test_what_says_which_seeds_is_left_out_however_it_is_spelled() -> None:
    assert without_seeds(["run", "a", "--seeds=3", "--seeds", "4", "-q"]) == ["run", "a", "-q"]
    assert full_command(["run", "a b.yaml", "--quick", "--seeds=2"]) == "study run 'a b.yaml'"
