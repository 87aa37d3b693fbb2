"""What do no, one and two hidden layers do to accuracy and to overfitting?"""

from study.catalog._shorthand import CHAPTER, FIRST_UNSEEN_SEED, at, more, words
from study.spec.claims import Claim
from study.spec.study import Arm, Study

study = Study(
    name="depth",
    title="The number of hidden layers",
    question=words(__doc__),
    family=CHAPTER,
    knobs=("hidden",),
    epochs=30,
    base={"optimizer": "adam", "lr": 0.001},
    arms=(
        Arm(name="hidden-0", say="the network without a hidden layer", change={"hidden": ()}),
        Arm(name="hidden-1", say="the network with one hidden layer", change={"hidden": (1000,)}),
        Arm(name="hidden-2", say="the network with two hidden layers", change={"hidden": (1000, 1000)}),
    ),
    baseline="hidden-1",
    claims=(
        Claim(
            id="depth-1",
            statement="Without a hidden layer the network learns worse than with one or two.",
            parts=tuple(
                more(at(arm, metric), at("hidden-0", metric))
                for arm in ("hidden-1", "hidden-2")
                for metric in ("train_accuracy", "val_accuracy")
            ),
            note="worse: lower training and lower validation accuracy after the last epoch",
        ),
        Claim(
            id="depth-2",
            statement="Two hidden layers overfit more than one: higher validation loss.",
            from_seed=FIRST_UNSEEN_SEED,
            parts=tuple(
                more(at("hidden-2", "val_loss", epoch), at("hidden-1", "val_loss", epoch)) for epoch in (10, 20, 30)
            ),
            note="as the statement itself defines it: validation loss, in pairs by seed, at the end of each third of the run. "
            "It depends on the epoch: up to the ninth the two are alike in seeds 0 to 4, which were seen. It has no "
            "tolerance: any difference beyond 0 counts. Its first version looked after the last epoch alone",
        ),
    ),
)
