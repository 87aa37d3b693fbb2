"""How does regularisation help against overfitting, and how do L1 and L2 differ?

L1, and L2 in both forms: the norm that the chapter's code adds and the sum of squares that its formula says.
"""

from study.catalog._shorthand import CHAPTER, FIRST_UNSEEN_SEED, VERY_FACTOR, at, more, of, times, words
from study.spec.claims import Claim, Level
from study.spec.study import Arm, Study

CHAPTERS = ("l1", "l2-norm", "l2-squared")

study = Study(
    name="regularization",
    title="L1 and L2 regularisation",
    question=words(__doc__),
    family=CHAPTER,
    knobs=("l1", "l2_norm", "l2_squared"),
    epochs=30,
    base={"optimizer": "adam", "lr": 0.001},
    arms=(
        Arm(name="none", say="the plain network"),
        Arm(name="l1", say="L1", change={"l1": 1e-4}),
        Arm(
            name="l2-norm",
            say="L2 as coded",
            change={"l2_norm": 1e-2},
            note="not squared: what the chapter's code does",
        ),
        Arm(
            name="l2-squared",
            say="L2 as written",
            change={"l2_squared": 1e-2},
            note="sum of squares: what the chapter's formula says",
        ),
        Arm(
            name="l2-norm-0.0001",
            say="L2 as coded at 0.0001",
            change={"l2_norm": 1e-4},
            extra=True,
            note="L2 with L1's coefficient",
        ),
        Arm(
            name="l2-squared-0.0001",
            say="L2 as written at 0.0001",
            change={"l2_squared": 1e-4},
            extra=True,
            note="L2 with L1's coefficient",
        ),
    ),
    baseline="none",
    figures=("curves", "parameters"),
    claims=(
        Claim(
            id="l1-1",
            statement="L1 reduces the train-validation accuracy gap.",
            parts=(more(at("none", "accuracy_gap"), at("l1", "accuracy_gap")),),
            note="after the last epoch, beyond 0",
        ),
        Claim(
            id="l2-1",
            statement="L2 reduces the train-validation accuracy gap.",
            parts=tuple(more(at("none", "accuracy_gap"), at(arm, "accuracy_gap")) for arm in ("l2-norm", "l2-squared")),
            note="after the last epoch, beyond 0, in the form of the code and in that of the formula",
        ),
        Claim(
            id="regularization-1",
            statement="L1's and L2's parameter distributions are narrower than without regularisation.",
            parts=tuple(
                times(of(arm, tensor, "width"), of("none", tensor, "width"), high=1.0)
                for arm in CHAPTERS
                for tensor in ("W1", "b1", "W2", "b2")
            ),
            note="range of every tensor after the last epoch, L2 in both forms",
        ),
        Claim(
            id="overfit-2",
            statement="Overfitting shows in a few weights far larger than the rest.",
            from_seed=FIRST_UNSEEN_SEED,
            parts=(
                *(Level(quantity=of("none", tensor, "tail"), low=VERY_FACTOR) for tensor in ("W1", "W2")),
                *(more(of("none", t, "tail", 30), of("none", t, "tail", 1), unequal=True) for t in ("W1", "W2")),
                *(
                    more(of("none", "W1", measure), of(arm, "W1", measure))
                    for measure in ("tail", "largest")
                    for arm in CHAPTERS
                ),
            ),
            note="without regularisation the largest weight is at least 10 standard deviations (of a million normal "
            "values it is 5), and more so at epoch 30 than at epoch 1; and it is larger than in each of the three networks "
            "that overfit less (l1-1, l2-1), else it would be no sign of overfitting: divided by the spread and not, for "
            "on that the sign depends. In seeds 0 to 4, which were seen, it is larger undivided and smaller divided, so "
            "that one of the two readings fails; the parts say which. Its first version was a rank correlation over these "
            "four arms, divided alone; with four arms nothing can be decided in a family of 60, and of seven it would "
            "take a nearly perfect order",
        ),
        Claim(
            id="l2-2",
            from_seed=FIRST_UNSEEN_SEED,
            statement="L2 needs a larger coefficient than L1 because squares of weights below 1 are small (its code does "
            "not square: judge both forms).",
            parts=(
                more(at("l2-squared-0.0001", "accuracy_gap"), at("l1", "accuracy_gap")),
                more(at("l2-norm-0.0001", "accuracy_gap"), at("l1", "accuracy_gap")),
                *(Level(quantity=of("none", tensor, "std"), high=0.5) for tensor in ("W1", "W2")),
            ),
            note="needs a larger coefficient: with L1's 1e-4, L2 leaves a larger gap than L1 does, in either form; because: "
            "that the squares are small is judged, and not that it is the cause: a standard deviation below 0.5, so that "
            "the mean square is below a quarter. It depends on how many weights are asked: its first version asked that "
            "99.8 % of them lie within about 1, and 1.6 % of those of W2 decided it",
        ),
    ),
)
