"""The colour of an arm: on the page by its place among all, in pictures by the same."""

from __future__ import annotations

import colorsys
import dataclasses
import re
from importlib import resources

from analysis.figures import style
from analysis.report.arm_colours import arm_colours
from study.spec import registry
from study.spec.study import Arm, Study

PAGE, CHARTS = (
    (resources.files("analysis.report") / "assets" / name).read_text(encoding="utf-8")
    for name in ("page.css", "charts.css")
)


def of_classes(what: str) -> dict[int, str]:
    """By the number of an arm's class, what the page's style gives it."""
    rules = re.findall(rf"([^{{}}]*)\{{ --{what}: ([^;]*); \}}", CHARTS)
    return {int(n): value for names, value in rules for n in re.findall(r"\.a-(\d+)", names)}


def hue(colour: str) -> float:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 360 * colorsys.rgb_to_hls(red, green, blue)[0]


def test_the_baseline_has_the_first_colour_wherever_it_stands() -> None:
    scaling = registry.load_study("scaling")
    assert arm_colours(scaling) == {"unscaled": 0, "scaled": 1}
    assert arm_colours(dataclasses.replace(scaling, baseline="scaled")) == {"scaled": 0, "unscaled": 1}


def test_more_arms_than_looks_never_take_the_baselines() -> None:
    """A fifth arm was dashed in the baseline's black, on the page; an eighth in the pictures."""
    arms = tuple(Arm(name=f"arm-{i}", change={"lr": 0.001 * (i + 1)}) for i in range(70))
    study = Study(name="s", title="t", question="?", knobs=("lr",), epochs=1, arms=arms)
    places = [*arm_colours(study).values()]
    assert places.count(0) == 1 and sorted(set(places)) == [*range(style.LOOKS)]
    colours, dashes = of_classes("c"), of_classes("dash")
    assert sorted(colours) == [*range(style.LOOKS)] and [i for i in colours if colours[i] == "var(--a0)"] == [0]
    assert len({(colours[i], dashes.get(i, "")) for i in colours}) == style.LOOKS
    looks = [*style.arm_styles([arm.name for arm in arms]).values()]
    assert [i for i, look in enumerate(looks) if look.colour == style.COLOURS[0]] == [0]
    assert len({(look.colour, str(look.dashes)) for look in looks}) == style.LOOKS


def test_the_pages_colours_are_those_of_the_pictures_by_hue() -> None:
    """The fourth arm was purple on the page, and green in a notebook and on the Markdown page."""
    colours = of_classes("c")
    assert colours == {i: f"var(--a{style.colour_place(i)})" for i in range(style.LOOKS)}
    themes = [dict(re.findall(r"--(a\d): (#\w+)", rule)) for rule in re.findall(r"\{[^{}]*--a0:[^{}]*\}", PAGE)]
    assert len(themes) == 4 and all(len(theme) == len(style.COLOURS) for theme in themes)
    for theme in themes:
        for i, colour in enumerate(style.COLOURS[1:], 1):
            assert abs((hue(theme[f"a{i}"]) - hue(colour) + 180) % 360 - 180) < 20, f"{theme[f'a{i}']} and {colour}"
