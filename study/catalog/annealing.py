"""Does lowering the learning rate as validation loss stalls reduce overfitting?

A constant rate of 0.001 against one that is halved whenever an epoch does not beat the best validation loss by 0.001.
"""

from study.catalog._shorthand import CHAPTER, at, more, words
from study.spec.claims import Claim, Mechanism
from study.spec.study import Arm, Study

study = Study(
    name="annealing",
    title="Learning-rate annealing",
    question=words(__doc__),
    family=CHAPTER,
    knobs=(
        "schedule",
        "plateau_factor",
        "plateau_patience",
        "plateau_threshold",
        "plateau_threshold_mode",
        "plateau_min_lr",
    ),
    epochs=100,
    base={"optimizer": "adam", "lr": 0.001},
    arms=(
        Arm(name="constant", say="a constant rate"),
        Arm(
            name="plateau",
            say="annealing",
            change={
                "schedule": "plateau",
                "plateau_factor": 0.5,
                "plateau_patience": 0,
                "plateau_threshold": 0.001,
                "plateau_threshold_mode": "abs",
                "plateau_min_lr": 1e-5,
            },
        ),
    ),
    baseline="constant",
    figures=("curves", "lr"),
    claims=(
        Claim(
            id="annealing-1",
            statement="The rate is halved exactly after epochs whose validation loss does not beat the best by more than "
            "0.001, down to 1e-5 (the text lists cuts at 5, 8, 11, 12, 13, 15, 16).",
            parts=(Mechanism(arm="plateau", rule="plateau"),),
            note="every epoch's rate of every trial against the rule; the epochs of the cuts depend on the seed",
        ),
        Claim(
            id="annealing-2",
            statement="After 100 epochs the train-validation accuracy gap is smaller with annealing than without "
            "(the text: without it, training near 100 %, validation near 89 %).",
            parts=(more(at("constant", "accuracy_gap", 100), at("plateau", "accuracy_gap", 100)),),
            note="smaller: beyond 0; the levels in brackets are judged by overfit-1",
        ),
    ),
)
