"""Is Adam still ahead of SGD once the learning rates of both are tuned?

The chapter gives both the same learning rate, 0.01, which need not suit both. Here each optimiser gets a search of its
own, of equal size, over learning rate and schedule; what is compared is the best of each, under fresh seeds. On 10,000
of the training images, so that it costs minutes.
"""

from __future__ import annotations

from study.catalog._shorthand import words
from study.spec.domains import Choice, Float, Int
from study.spec.search import Scheduler, Search
from study.spec.study import Study

study = Study(
    name="search-sgd-adam",
    title="SGD and Adam, each tuned",
    question=words(__doc__).split("?")[0] + "?",
    knobs=("optimizer", "lr", "schedule", "step_size", "step_gamma"),
    epochs=9,
    base={"train_images": 10_000},
    search=Search(
        trials=12,
        seeds=2,
        searcher="tpe",
        scheduler=Scheduler(name="asha", grace=1, reduction=3),
        within="optimizer",
        first=({"optimizer": "sgd", "lr": 0.01}, {"optimizer": "adam", "lr": 0.01}),
        space={
            "optimizer": Choice(values=("sgd", "adam")),
            "lr": Float(low=1e-4, high=1.0, log=True),
            "schedule": Choice(values=("constant", "step", "cosine")),
            "step_size": Int(low=2, high=6, when={"schedule": ("step",)}),
            "step_gamma": Float(low=0.1, high=0.7, log=True, when={"schedule": ("step",)}),
        },
    ),
)
