"""What happens when input values are not scaled?

Pixels 0..255 against the same pixels divided by 255, with plain SGD and everything else equal.
"""

from study.catalog._shorthand import CHAPTER, about, at, between, more, words
from study.spec.claims import Claim, Level, Trajectory
from study.spec.study import Arm, Study

study = Study(
    name="scaling",
    title="Scaling the input",
    question=words(__doc__),
    family=CHAPTER,
    knobs=("input_divisor",),
    epochs=5,
    base={"optimizer": "sgd", "lr": 0.01},
    arms=(
        Arm(name="unscaled", say="unscaled input", change={"input_divisor": 1.0}, note="pixels 0..255"),
        Arm(name="scaled", say="scaled input", change={"input_divisor": 255.0}, note="pixels 0..1"),
    ),
    baseline="unscaled",
    claims=(
        Claim(
            id="scaling-1",
            statement="Unscaled SGD 0.01 stays below 20 % training accuracy for all 5 epochs (the text says 12 %).",
            parts=(Level(quantity=at("unscaled", "train_accuracy", "max"), high=0.20),),
            note="the largest training accuracy over the 5 epochs",
        ),
        Claim(
            id="scaling-2",
            statement="Unscaled: the training loss hardly falls after the first epoch (it stays near ln 10).",
            parts=(
                more(at("unscaled", "train_loss", 5), at("unscaled", "train_loss", 2), by=-0.1, unequal=True),
                between(at("unscaled", "train_loss", 2), (2.2, 2.4)),
                between(at("unscaled", "train_loss", 5), (2.2, 2.4)),
            ),
            note="after the first epoch: from epoch 2 to epoch 5 it falls by less than 0.1 nats; "
            "near ln 10 = 2.303: within 0.1 at epoch 2 and at epoch 5. "
            "The first epoch's own mean is left out, for it contains the very first updates",
        ),
        Claim(
            id="scaling-3",
            statement="Scaled: the training loss falls in every epoch and training accuracy reaches about 85 %.",
            parts=(
                Trajectory(arm="scaled", metric="train_loss"),
                between(at("scaled", "train_accuracy"), about(85)),
            ),
            note="about 85 %: 83 to 87 % after the last epoch",
        ),
        Claim(
            id="scaling-4",
            statement="Dividing by 255 gains more than 60 points of training accuracy at equal everything else.",
            parts=(more(at("scaled", "train_accuracy"), at("unscaled", "train_accuracy"), by=0.60),),
            note="after the last epoch",
        ),
    ),
)
