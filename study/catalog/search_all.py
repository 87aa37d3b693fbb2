"""Which of the chapter's knobs, set together, give the best network that has at most half of the chapter's parameters?

The chapter turns one knob at a time. Here all of them are free, the network may have at most 400,000 parameters (the
chapter's has 795,010), and the answer is held against the best validation accuracy of any epoch of the chapter's own
runs at full protocol: 0.9056, its annealed network after up to 100 epochs. All images, at most 27 epochs. The first
decision is made after three epochs, for dropout and batch norm are slow to show what they are worth; four points to begin
with are given by hand, one of them as close to the chapter's network as the budget allows.
"""

from __future__ import annotations

from study.catalog._shorthand import words
from study.spec.constraints import Constraint
from study.spec.domains import Choice, Float, Int
from study.spec.search import Scheduler, Search
from study.spec.study import Study

HIDDEN = {"hidden.count": (1, 2)}
WIDE = {"hidden.count": 2, "hidden.1": 400, "hidden.2": 200, "optimizer": "adam", "schedule": "cosine"}
"""Two layers within the budget."""

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
        "plateau_factor",
        "plateau_patience",
        "l1",
        "l2_squared",
        "batch_size",
    ),
    epochs=27,
    search=Search(
        trials=30,
        seeds=2,
        searcher="tpe",
        scheduler=Scheduler(name="asha", grace=3, reduction=3),
        constraints=(Constraint(left="parameters", op="<=", right=400_000),),
        beat=0.9056,
        first=(
            {"hidden.count": 1, "hidden.1": 500, "optimizer": "adam", "lr": 0.001, "batch_size": 32},
            {**WIDE, "batch_norm": True, "dropout_hidden": 0.25, "lr": 0.002, "batch_size": 128},
            {**WIDE, "batch_norm": True, "dropout_input": 0.1, "dropout_hidden": 0.25, "lr": 0.002, "batch_size": 128},
            {**WIDE, "dropout_hidden": 0.25, "lr": 0.001, "batch_size": 64},
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
            "schedule": Choice(values=("constant", "step", "plateau", "cosine")),
            "step_size": Int(low=2, high=8, when={"schedule": ("step",)}),
            "step_gamma": Float(low=0.1, high=0.7, log=True, when={"schedule": ("step",)}),
            "plateau_factor": Float(low=0.1, high=0.7, log=True, when={"schedule": ("plateau",)}),
            "plateau_patience": Int(low=0, high=2, when={"schedule": ("plateau",)}),
            "l1": Choice(values=(0.0, 1e-6, 1e-5), ordered=True),
            "l2_squared": Choice(values=(0.0, 1e-5, 1e-4), ordered=True),
            "batch_size": Int(low=32, high=512, log=True),
        },
    ),
)
