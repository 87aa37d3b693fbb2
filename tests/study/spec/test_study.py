"""Studies made in Python: a wrong keyword has its line."""

from __future__ import annotations

from typing import Any

import pytest

import study
from study.spec.study import Arm, Study, told_apart
from trainables.config.errors import BadInput

WHOLE: dict[str, Any] = {"name": "own", "title": "t", "question": "q", "knobs": ("lr", "hidden"), "epochs": 2}


@pytest.mark.parametrize(
    ("positional", "named", "says"),
    [
        (("a",), {}, "Arm: got 'a'; expected a name before each value, as in Arm(name='a')"),
        ((), {"name": "a", "lr": 0.1}, "lr: there is no such field; it is a knob and belongs in change"),
        ((), {"name": "a", "seed": 1}, "seed: there is no such field; seeds come from --seeds"),
        ((), {"name": "a", "droput_input": 1}, "there is no such field; did you mean dropout_input of change?"),
        ((), {"nme": "a"}, "nme: there is no such field; did you mean name?"),
        ((), {"name": "a", "zzz": 1}, "zzz: there is no such field; there are name, change"),
        ((), {"name": "a", "change": 3}, "change: got 3; expected a mapping"),
        ((), {"name": "a", "change": {1: 2}}, "change: got 1; a name is text; write it in quotes"),
    ],
)
def test_a_wrong_keyword_is_one_line_with_the_nearest_name(positional: Any, named: Any, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        study.Arm(*positional, **named)
    assert says in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_knob_that_a_study_is_given_as_a_field_belongs_into_base() -> None:
    with pytest.raises(BadInput, match=r"^lr: there is no such field; it is a knob and belongs in base$"):
        study.Study(**{**WHOLE, "lr": 0.1}, arms=(study.Arm(name="a"),))


def test_arms_of_an_old_folder_that_are_called_alike_have_their_names_behind() -> None:
    arms = (Arm(name="a", say="a rate"), Arm(name="b", say="A rate"), Arm(name="c", say="the rest"))
    study = Study(name="s", title="t", question="q", knobs=(), epochs=1, arms=arms)
    assert [a.say for a in told_apart(study).arms] == ["a rate (a)", "A rate (b)", "the rest"]
    assert [told_apart(study).config(a.name) for a in arms] == [study.config(a.name) for a in arms]
