"""The chapter's nine closing questions, answered with what was measured and nothing else."""

from __future__ import annotations

from dataclasses import replace

from analysis.chapter import answers_input as on_input
from analysis.chapter import answers_overfitting as on_overfitting
from analysis.chapter import answers_training as on_training
from analysis.chapter.arms import L1, NORM, SQUARED
from analysis.claims.queries import Answered, Measurements, Question, collect


def answers(measured: Measurements) -> tuple[list[Answered], list[str]]:
    """The questions whose studies are there, answered; and one line for each of the others."""
    found, absent = [], []
    for question in QUESTIONS:
        if not set(question.studies) & set(measured.studies):
            absent.append(f"{question.number}. {question.text} (needs {' or '.join(question.studies)})")
            continue
        evidence = collect(measured, question.sentences)
        evidence = replace(evidence, sheet=question.table(measured) if question.table else None)
        found.append(Answered(question.number, question.text, question.claims, evidence))
    return found, absent


QUESTIONS: tuple[Question, ...] = (
    Question(
        1,
        "What happens when input values are not scaled?",
        (on_input.unscaled_sgd, on_input.unscaled_loss, on_input.unscaled_adam, on_input.unscaled_slow),
        ("scaling", "learning-rate-unscaled"),
        ("scaling-1", "scaling-2", "scaling-4", "lr-8", "lr-11"),
    ),
    Question(
        2,
        "What could happen when the background is white and the content black?",
        (
            on_input.inverted("val_accuracy", "validation accuracy"),
            on_input.inverted("train_accuracy", "training accuracy"),
            on_input.inverted_start,
        ),
        ("inverted",),
    ),
    Question(
        3,
        "How does batch size affect training time and the accuracy after a given number of epochs?",
        (on_training.batch_updates, on_training.batch_time, on_training.batch_accuracy),
        ("batch-size",),
        ("batch-1", "batch-3", "batch-4"),
    ),
    Question(
        4,
        "How does the range of the input values affect the weight distribution at the end of training?",
        (
            on_input.range_ratio("divisor-1", "pixels 0..255"),
            on_input.range_ratio("divisor-2550000", "pixels 0..0.0001"),
        ),
        ("input-range",),
        ("batch-norm-2", "lr-10"),
        on_input.range_table,
    ),
    Question(
        5,
        "How does batch normalisation help accuracy?",
        (
            on_training.norm_accuracy,
            on_training.norm_speed,
            on_training.norm_inside,
            on_training.norm_gap,
            on_training.norm_no_bias,
        ),
        ("batch-norm",),
        ("batch-norm-1", "batch-norm-3", "batch-norm-4", "batch-norm-5"),
    ),
    Question(
        6,
        "How do we know that a model has overfitted?",
        (on_overfitting.overfit_gap, on_overfitting.overfit_turn, on_overfitting.overfit_best),
        ("annealing",),
        ("overfit-1", "overfit-2", "lr-6"),
    ),
    Question(
        7,
        "How does regularisation help against overfitting?",
        (
            on_overfitting.regularised(L1, "L1 at 0.0001"),
            on_overfitting.regularised(NORM, "L2 as coded (norm) at 0.01"),
            on_overfitting.regularised(SQUARED, "L2 as written (squares) at 0.01"),
        ),
        ("regularization",),
        ("l1-1", "l2-1", "regularization-1"),
        on_overfitting.gap_table,
    ),
    Question(
        8,
        "How do L1 and L2 differ?",
        (on_overfitting.l1_sparse, on_overfitting.l1_l2, on_overfitting.l2_forms),
        ("regularization",),
        ("l2-2", "regularization-1"),
        on_overfitting.weights_table,
    ),
    Question(
        9,
        "How does dropout reduce overfitting?",
        (on_overfitting.dropout_gap, on_overfitting.dropout_where),
        ("dropout",),
        ("dropout-1",),
    ),
)
"""In the order of the chapter."""
