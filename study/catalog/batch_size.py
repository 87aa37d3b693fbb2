"""How does batch size affect training time and the accuracy after a given number of epochs?

Batches of 32 (1,875 updates an epoch) against batches of 10,000 (6 updates), at the same rate and the same epochs.
"""

from study.catalog._shorthand import CHAPTER, about, at, between, more, times, words
from study.spec.claims import Claim, Mechanism
from study.spec.study import Arm, Study

study = Study(
    name="batch-size",
    title="The size of a batch",
    question=words(__doc__),
    family=CHAPTER,
    knobs=("batch_size",),
    epochs=5,
    base={"optimizer": "adam", "lr": 0.01},
    arms=(
        Arm(name="batch-32", say="batch 32", change={"batch_size": 32}, note="1,875 updates an epoch"),
        Arm(name="batch-10000", say="batch 10,000", change={"batch_size": 10_000}, note="6 updates an epoch"),
    ),
    baseline="batch-32",
    claims=(
        Claim(
            id="batch-1",
            statement="An epoch is 1,875 updates at batch 32 and 6 at batch 10,000.",
            parts=(
                Mechanism(arm="batch-32", rule="updates", value=1875),
                Mechanism(arm="batch-10000", rule="updates", value=6),
            ),
            note="counted in every epoch of every trial",
        ),
        Claim(
            id="batch-2",
            statement="Batch 32 ends at about 85 % on training and on validation.",
            parts=(
                between(at("batch-32", "train_accuracy"), about(85)),
                between(at("batch-32", "val_accuracy"), about(85)),
            ),
            note="about 85 %: 83 to 87 % after the last epoch",
        ),
        Claim(
            id="batch-3",
            statement="After 5 epochs batch 10,000 has lower validation accuracy and higher validation loss than batch 32.",
            parts=(
                more(at("batch-32", "val_accuracy", 5), at("batch-10000", "val_accuracy", 5)),
                more(at("batch-10000", "val_loss", 5), at("batch-32", "val_loss", 5)),
            ),
            note="lower, higher: beyond 0",
        ),
        Claim(
            id="batch-4",
            statement="A smaller batch costs more time per epoch.",
            parts=(times(at("batch-32", "seconds", "mean"), at("batch-10000", "seconds", "mean"), low=1.0),),
            note="ratio of the mean wall time of an epoch's updates, beyond 1; only trials of one machine are compared",
        ),
    ),
)
