"""The known name that somebody who typed another one meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

MAX_NAME_CHARS = 80
"""Letters of a name that are compared: the comparison takes the square of their number."""

OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "learning_rate": ("lr",),
    "rate": ("lr",),
    "dropout": ("dropout_hidden", "dropout_input"),
    "layers": ("hidden",),
    "hidden_layers": ("hidden",),
    "hidden_size": ("hidden",),
    "hidden_sizes": ("hidden",),
    "widths": ("hidden",),
    "width": ("hidden",),
    "depth": ("hidden",),
    "units": ("hidden",),
    "neurons": ("hidden",),
    "optimiser": ("optimizer",),
    "optim": ("optimizer",),
    "scheduler": ("schedule",),
    "lr_schedule": ("schedule",),
    "lr_scheduler": ("schedule",),
    "annealing": ("schedule",),
    "batch": ("batch_size",),
    "batchnorm": ("batch_norm",),
    "bn": ("batch_norm",),
    "wd": ("weight_decay",),
    "decay": ("weight_decay",),
    "l2": ("l2_squared", "l2_norm", "weight_decay"),
    "random_state": ("seed",),
    "nonlinearity": ("activation",),
    "patience": ("plateau_patience",),
    "factor": ("plateau_factor",),
    "gamma": ("step_gamma",),
    "dtype": ("precision",),
    "dataset": ("data",),
    "validation_split": ("held_out",),
    "val_split": ("held_out",),
    "scale": ("input_divisor",),
    "divisor": ("input_divisor",),
    "n_epochs": ("epochs",),
    "num_epochs": ("epochs",),
}
"""What other tools call our knobs."""

OTHER_SEARCHERS: Mapping[str, tuple[str, ...]] = {
    "bayes": ("tpe", "gp"),
    "bayesian": ("tpe", "gp"),
    "bayesopt": ("tpe", "gp"),
    "bohb": ("tpe",),
    "optuna": ("tpe",),
    "cma-es": ("cmaes",),
    "genetic": ("nsga2",),
    "quasi-random": ("sobol", "halton"),
    "gridsearch": ("grid",),
    "randomsearch": ("random",),
}
"""What other tools call our searchers."""


def first_of(names: Sequence[str], most: int = 8) -> str:
    """Some names as a list that can be read: the first ones, and how many more there are.

    >>> first_of(["a", "b"]), first_of(list("abcd"), 2), first_of([])
    ('a, b', 'a, b and 2 more', 'none')
    """
    left = len(names) - most
    return (", ".join(names[:most]) + (f" and {left} more" if left > 0 else "")) or "none"


ONE_OF = "expected one of "


def expected_one_of(given: object, known: Iterable[str]) -> str:
    """What would be right where one of some words is: all of them, and the one that was meant.

    >>> expected_one_of("cvs", ("csv", "parquet"))
    'expected one of csv, parquet; did you mean csv?'
    """
    return with_nearest(ONE_OF + ", ".join(known), given)


def with_nearest(expected: str, given: object) -> str:
    """What would be right, with the word that was meant where it lists some.

    >>> with_nearest("expected one of relu, tanh", "Relu"), with_nearest("expected a number", "Relu")
    ('expected one of relu, tanh; did you mean relu?', 'expected a number')
    """
    words = expected.removeprefix(ONE_OF)
    return expected if words == expected else expected + did_you_mean(given, words.split(", "))


def did_you_mean(given: object, known: Iterable[str]) -> str:
    """A question that names what was meant; empty where nothing is near.

    >>> did_you_mean("epoch", ("epochs", "name")), did_you_mean("dropout", ("dropout_input", "dropout_hidden"))
    ('; did you mean epochs?', '; did you mean dropout_hidden or dropout_input?')
    >>> did_you_mean("LR", ("epochs", "lr"))
    '; did you mean lr?'
    """
    near = nearest(given, known)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def nearest(given: object, known: Iterable[str]) -> list[str]:
    """The known words of which one was meant; none where nothing is near."""
    import difflib  # wanted after a mistake alone

    words, name = tuple(known), str(given)
    meant = OTHER_NAMES.get(name.lower(), ()) + OTHER_SEARCHERS.get(name.lower(), ())
    near = [other for other in meant if other in words]
    near = near or [other for other in words if other.casefold() == name.casefold()]
    return near or difflib.get_close_matches(name[:MAX_NAME_CHARS], words, n=1)
