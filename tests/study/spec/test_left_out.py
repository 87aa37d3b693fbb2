"""Values of a space that the data cannot have are left out of a search, and that is said."""

from __future__ import annotations

from typing import Any

import pytest

from study.spec.domains import read_space
from study.spec.left_out import left_out
from study.spec.point import Point, SharedKnobs
from study.spec.search import Search
from trainables.training.gpu_memory import DataSize

LR = {"lr": {"kind": "float", "low": 0.1, "high": 0.2}}


def lines(space: dict[str, Any], images: int = 270, **base: Any) -> list[str]:
    search = Search(space=read_space({**LR, **space}), trials=4)
    shared = SharedKnobs.of(2, Point(tuple(base.items())))
    return left_out(search, shared, DataSize(images, 90, 36, 3))


def choice(*values: object, **more: object) -> dict[str, Any]:
    return {"kind": "choice", "values": list(values), **more}


@pytest.mark.parametrize(
    ("space", "images", "base", "said"),
    [
        ({"batch_size": choice(8, 64)}, 270, {}, []),
        ({"batch_size": choice(8, 64, 100_000)}, 270, {},
         ["the search leaves out batch_size 100,000: a batch is larger than all 270 images"]),
        ({"batch_size": {"kind": "int", "low": 8, "high": 4000}}, 270, {},
         ["the search leaves out batch_size above 270: a batch is larger than all 270 images"]),
        ({"batch_size": choice(4, 8, 64, 1000)}, 181, {"batch_norm": True}, [
            "the search leaves out batch_size 4: the last batch is a single image",
            "the search leaves out batch_size 1,000: a batch is larger than all 181 images",
        ]),
        ({"batch_size": choice(4, 8), "batch_norm": choice(False, True)}, 181, {}, []),
        ({"batch_size": choice(100, 5000, 9000)}, 270, {"train_images": 200},
         ["the search leaves out batch_size 5,000 and 9,000: a batch is larger than all 200 images"]),
        ({"batch_size": {"kind": "int", "low": 8, "high": 270}}, 271, {"batch_norm": True},
         ["the search leaves out batch_size above 269: the last batch is a single image"]),
        ({"hidden.count": {"kind": "int", "low": 1, "high": 2}, "hidden.1": choice(8), "hidden.2": choice(4),
          "batch_size": choice(8, 999)}, 270, {},
         ["the search leaves out batch_size 999: a batch is larger than all 270 images"]),
        ({"batch_size": choice(8, 250)}, 270, {"held_out": 0.1},
         ["the search leaves out batch_size 250: a batch is larger than all 243 images that held_out leaves"]),
        ({"optimizer": choice("sgd", "adam"), "batch_size": choice(8, 999, when={"optimizer": ["adam"]})}, 270, {},
         ["the search leaves out batch_size 999: a batch is larger than all 270 images"]),
    ],
)  # fmt: skip
def test_what_the_data_cannot_have_is_said_with_its_reason(
    space: dict[str, Any], images: int, base: dict[str, Any], said: list[str]
) -> None:
    assert lines(space, images, **base) == said
