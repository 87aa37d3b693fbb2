"""What tables measure of an arm, and in which order."""

from __future__ import annotations

METRICS = ("train_accuracy", "val_accuracy", "train_loss", "val_loss", "accuracy_gap", "loss_gap")


MEASURES = (
    *("train_accuracy", "val_accuracy", "train_loss", "val_loss"),
    *("accuracy_gap_best", "accuracy_gap", "loss_gap_best", "loss_gap", "best_epoch", "epochs_past_best"),
    *("accuracy_gap_change", "loss_gap_change"),
)
"""Of the last epoch, unless it says `_best`: the epoch of the highest validation accuracy, the first if several.
`_change` is against the study's baseline at the last epoch that both arms have."""
