"""What does the learning rate do on input that is not scaled, and can a small rate make up for scaling?

Adam at 0.1, 0.001 and 0.00001 on pixels 0..255, 10 epochs each; compared with the same rates on scaled input.
"""

from study.catalog._shorthand import CHAPTER, FAR_FACTOR, SAME_ACCURACY, SAME_LOSS, alike, at, more, of, times, words
from study.spec.claims import Claim, Level
from study.spec.study import Arm, Study

BOTH = ("input_divisor", "lr")
SCALED = "learning-rate/lr-0.001"

study = Study(
    name="learning-rate-unscaled",
    title="The learning rate, on input that is not scaled",
    question=words(__doc__),
    family=CHAPTER,
    knobs=("lr",),
    epochs=10,
    base={"optimizer": "adam", "input_divisor": 1.0},
    arms=(
        Arm(name="lr-0.1", say="unscaled Adam at 0.1", change={"lr": 0.1}),
        Arm(name="lr-0.001", say="unscaled Adam at 0.001", change={"lr": 0.001}),
        Arm(name="lr-0.00001", say="unscaled Adam at 0.00001", change={"lr": 0.00001}),
    ),
    baseline="lr-0.001",
    figures=("curves", "parameters"),
    claims=(
        Claim(
            id="lr-7",
            statement="Unscaled, 0.1: no accurate model.",
            parts=(Level(quantity=at("lr-0.1", "val_accuracy", "max"), high=0.80),),
            note="no epoch with 80 % validation accuracy, 5 points below what the chapter calls about 85 %",
        ),
        Claim(
            id="lr-8",
            statement="Unscaled, 0.001: less accurate than scaled, 0.001.",
            parts=(
                more(at(SCALED, "val_accuracy", 10), at("lr-0.001", "val_accuracy", 10), differ=("input_divisor",)),
            ),
            note="validation accuracy at epoch 10, beyond 0",
        ),
        Claim(
            id="lr-9",
            statement="Unscaled, 1e-5: learns, but overfits more than the scaled runs.",
            parts=(
                Level(quantity=at("lr-0.00001", "val_accuracy", 10), low=0.80),
                *(
                    more(
                        at("lr-0.00001", "accuracy_gap", 10),
                        at(f"learning-rate/lr-{lr}", "accuracy_gap", 10),
                        differ=BOTH,
                    )
                    for lr in ("0.1", "0.001", "0.00001")
                ),
            ),
            note="learns: at least 80 % validation accuracy; overfits more: a larger accuracy gap at epoch 10 than each "
            "of the three scaled runs",
        ),
        Claim(
            id="lr-10",
            statement="Unscaled, 1e-5: the weights lie within about +-0.05, far below those at 0.1.",
            parts=tuple(
                part
                for tensor in ("W1", "W2")
                for part in (
                    Level(quantity=of("lr-0.00001", tensor, "largest"), high=0.06),
                    times(of("lr-0.1", tensor, "largest"), of("lr-0.00001", tensor, "largest"), low=FAR_FACTOR),
                )
            ),
            note="the largest absolute weight is at most 0.06, and that at 0.1 at least twice as large; in both layers",
        ),
        Claim(
            id="lr-11",
            statement="Unscaled 1e-5 is equivalent to scaled 0.001.",
            parts=tuple(
                alike(at("lr-0.00001", metric, 10), at(SCALED, metric, 10), within, differ=BOTH)
                for metric, within in (
                    ("val_accuracy", SAME_ACCURACY),
                    ("train_accuracy", SAME_ACCURACY),
                    ("val_loss", SAME_LOSS),
                )
            ),
            note="at epoch 10: accuracies within 1 point, validation loss within 0.05 nats",
        ),
    ),
)
