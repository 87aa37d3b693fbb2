"""How does batch normalisation help accuracy?

Inputs ten thousand times smaller than usual, without and with batch norm, and ordinary inputs for reference.
"""

from study.catalog._shorthand import (
    CHAPTER,
    SAME_ACCURACY,
    VERY_FACTOR,
    about,
    alike,
    at,
    between,
    first,
    more,
    of,
    times,
    words,
)
from study.spec.claims import Claim, Level
from study.spec.study import Arm, Study

study = Study(
    name="batch-norm",
    title="Batch normalisation",
    question=words(__doc__),
    family=CHAPTER,
    knobs=("input_divisor", "batch_norm", "bias"),
    epochs=100,
    base={"optimizer": "adam", "lr": 0.001},
    arms=(
        Arm(name="tiny", say="tiny input alone", change={"input_divisor": 2_550_000.0}, note="pixels 0..0.0001"),
        Arm(
            name="tiny-batch-norm",
            say="tiny input with batch norm",
            change={"input_divisor": 2_550_000.0, "batch_norm": True},
        ),
        Arm(
            name="tiny-batch-norm-no-bias",
            say="tiny input with batch norm and no biases",
            change={"input_divisor": 2_550_000.0, "batch_norm": True, "bias": False},
            epochs=30,
            extra=True,
            note="added after the first results: is it the bias before batch norm that spoils eval mode?",
        ),
        Arm(name="reference", say="ordinary input", change={"input_divisor": 255.0}, note="pixels 0..1, no batch norm"),
    ),
    baseline="tiny",
    figures=("curves", "parameters", "activations"),
    claims=(
        Claim(
            id="batch-norm-1",
            statement="Tiny inputs without batch norm: about 85 % validation accuracy even after 100 epochs, below what "
            "ordinary scaling has after 10.",
            parts=(
                between(at("tiny", "val_accuracy", 100), about(85)),
                more(at("reference", "val_accuracy", 10), at("tiny", "val_accuracy", 100), unequal=True),
            ),
            note="about 85 %: 83 to 87 %",
        ),
        Claim(
            id="batch-norm-2",
            statement="Tiny inputs: the hidden activations span a very small range, and the weights must become large in "
            "both layers.",
            parts=(
                times(of("tiny", "A1", "width"), of("reference", "A1", "width"), high=1 / VERY_FACTOR),
                times(of("tiny", "W1", "width"), of("reference", "W1", "width"), low=1.0),
                times(of("tiny", "W2", "width"), of("reference", "W2", "width"), low=1.0),
            ),
            note="against ordinary inputs after the last epoch: activations after the ReLU span at most a tenth; "
            "W1 and W2 span more",
        ),
        Claim(
            id="batch-norm-3",
            statement="With batch norm, tiny inputs train like ordinary ones, and reach a high validation accuracy in "
            "fewer epochs than without.",
            parts=(
                alike(at("tiny-batch-norm", "val_accuracy"), at("reference", "val_accuracy"), SAME_ACCURACY),
                alike(at("tiny-batch-norm", "train_accuracy"), at("reference", "train_accuracy"), SAME_ACCURACY),
                more(first("tiny", "val_accuracy", 0.85), first("tiny-batch-norm", "val_accuracy", 0.85)),
            ),
            note="like: accuracies within 1 point after the last epoch; high: 85 %, which the chapter gives for tiny "
            "inputs; never within 100 epochs counts as later than all",
        ),
        Claim(
            id="batch-norm-4",
            statement="Batch norm widens the hidden activations and narrows the hidden-to-output weights.",
            parts=(
                times(of("tiny-batch-norm", "A1", "width"), of("tiny", "A1", "width"), low=1.0),
                times(of("tiny-batch-norm", "W2", "width"), of("tiny", "W2", "width"), high=1.0),
            ),
            note="range after the last epoch, both on tiny inputs",
        ),
        Claim(
            id="batch-norm-5",
            statement="Batch norm does not cure overfitting: training accuracy ends far above validation.",
            parts=(Level(quantity=at("tiny-batch-norm", "accuracy_gap"), low=0.05),),
            note="far above: at least 5 points after the last epoch",
        ),
    ),
)
