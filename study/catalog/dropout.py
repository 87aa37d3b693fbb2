"""How does dropout reduce overfitting?

Dropout of 0.25 on the input and on the hidden layer against none.
"""

from study.catalog._shorthand import CHAPTER, about, at, between, more, words
from study.spec.claims import Claim, Level
from study.spec.study import Arm, Study

PLAIN = ("none", "annealing/constant")

study = Study(
    name="dropout",
    title="Dropout",
    question=words(__doc__),
    family=CHAPTER,
    knobs=("dropout_input", "dropout_hidden"),
    epochs=30,
    base={"optimizer": "adam", "lr": 0.001},
    arms=(
        Arm(name="none", say="the plain network"),
        Arm(name="dropout-0.25", say="dropout", change={"dropout_input": 0.25, "dropout_hidden": 0.25}),
    ),
    baseline="none",
    claims=(
        Claim(
            id="overfit-1",
            statement="Long plain runs exceed 95 % on training with validation near 89 %.",
            parts=(
                *(Level(quantity=at(arm, "train_accuracy"), low=0.95) for arm in PLAIN),
                *(between(at(arm, "val_accuracy"), about(89)) for arm in PLAIN),
            ),
            note="the plain network after 30 and after 100 epochs; near 89 %: 88 to 90 %",
        ),
        Claim(
            id="dropout-1",
            statement="Dropout reduces the train-validation accuracy gap.",
            parts=(more(at("none", "accuracy_gap"), at("dropout-0.25", "accuracy_gap")),),
            note="after the last epoch, beyond 0",
        ),
    ),
)
