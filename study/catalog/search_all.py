"""Which of the chapter's knobs, set together, give the best network that has at most half of the chapter's parameters?

The chapter turns one knob at a time. Here all of them are free, the network may have at most 400,000 parameters (the
chapter's has 795,010), and the answer is held against the chapter's best validation accuracy of 0.89 to 0.90.
"""

from __future__ import annotations

from study.catalog._parts import words
from study.search_spec import Constraint, Scheduler, Search
from study.space import Choice, Float, Int
from study.spec import Study

HIDDEN = {"hidden.count": (1, 2)}

study = Study(
    name="search-all",
    title="All knobs at once",
    question=words(__doc__).split("?")[0] + "?",
    knobs=(
        "hidden",
        "batch_norm",
        "dropout_input",
        "dropout_hidden",
        "optimizer",
        "lr",
        "momentum",
        "weight_decay",
        "schedule",
        "step_size",
        "step_gamma",
        "l1",
        "l2_squared",
        "batch_size",
    ),
    epochs=12,
    search=Search(
        trials=24,
        seeds=2,
        searcher="tpe",
        scheduler=Scheduler(name="asha", grace=1, reduction=3),
        constraints=(Constraint(left="parameters", op="<=", right=400_000),),
        first=(
            {
                "hidden.count": 1,
                "hidden.1": 500,
                "optimizer": "adam",
                "lr": 0.001,
                "schedule": "cosine",
                "batch_size": 32,
            },
        ),
        space={
            "hidden.count": Int(low=0, high=2),
            "hidden.1": Int(low=32, high=500, log=True),
            "hidden.2": Int(low=32, high=500, log=True),
            "batch_norm": Choice(values=(False, True), when=HIDDEN),
            "dropout_input": Choice(values=(0.0, 0.1, 0.25), ordered=True),
            "dropout_hidden": Choice(values=(0.0, 0.25, 0.5), ordered=True, when=HIDDEN),
            "optimizer": Choice(values=("sgd", "adam", "adamw", "rmsprop")),
            "lr": Float(low=1e-4, high=0.3, log=True),
            "momentum": Float(low=0.0, high=0.95, when={"optimizer": ("sgd",)}),
            "weight_decay": Choice(values=(0.0, 1e-5, 1e-4), ordered=True),
            "schedule": Choice(values=("constant", "step", "cosine")),
            "step_size": Int(low=2, high=8, when={"schedule": ("step",)}),
            "step_gamma": Float(low=0.1, high=0.7, log=True, when={"schedule": ("step",)}),
            "l1": Choice(values=(0.0, 1e-6, 1e-5), ordered=True),
            "l2_squared": Choice(values=(0.0, 1e-5, 1e-4), ordered=True),
            "batch_size": Int(low=32, high=512, log=True),
        },
    ),
)
