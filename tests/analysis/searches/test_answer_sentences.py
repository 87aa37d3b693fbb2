"""A search's answer in sentences."""

from __future__ import annotations

from analysis.searches import answer_sentences as search_words
from analysis.searches.retrained import Retrained
from analysis.statistics.estimates import Estimate


def test_the_answer_in_a_sentence_gives_the_change_against_the_first_or_that_it_is_not_known() -> None:
    first = Retrained("adam", "", Estimate(0.9, 0.89, 0.91, 5), None)
    ahead = Retrained("sgd", "", Estimate(0.88, 0.87, 0.89, 5), Estimate(0.02, 0.01, 0.03, 5))
    behind = Retrained("sgd", "", Estimate(0.92, 0.91, 0.93, 5), Estimate(-0.02, -0.03, -0.01, 5))
    luck = Retrained("sgd", "", Estimate(0.9, 0.87, 0.91, 5), Estimate(0.0, -0.01, 0.01, 5))
    front = Retrained("sgd", "", Estimate(0.92, 0.91, 0.93, 5), None)
    names = {"adam": "Adam", "sgd": "SGD"}
    said = [search_words.plain_answer([first, *others], names, "val_accuracy") for others in
            ([], [ahead], [behind], [luck], [front])]  # fmt: skip
    assert [text.replace(", selected on val.", ".") for text in said] == [
        "Adam reaches 90.0 % validation accuracy under fresh seeds.",
        "SGD ends 2.0 points below Adam under fresh seeds: 88.0 % against 90.0 % validation accuracy.",
        "SGD ends 2.0 points above Adam under fresh seeds: 92.0 % against 90.0 % validation accuracy.",
        "We do not know whether Adam is ahead of SGD: under fresh seeds they reach 90.0 % and 90.0 % "
        "validation accuracy.",
        "SGD reaches 92.0 % validation accuracy under fresh seeds, the best of 2 on the front.",
    ]
    assert all(text.endswith(", selected on val.") for text in said)


def test_a_front_says_what_fresh_seeds_left_of_it() -> None:
    def arm(name: str, accuracy: float, seconds: float) -> Retrained:
        return Retrained(
            name, "", Estimate(accuracy, 0.5, 0.95, 3), None, Estimate(seconds, seconds - 1, seconds + 1, 3)
        )

    said = search_words.answer_sentences(
        [arm("front-1", 0.9, 9.0), arm("front-2", 0.8, 5.0), arm("front-3", 0.85, 4.0)], ("val_accuracy", "seconds")
    )
    assert "Seconds of training 9.0 s (8.0 to 10.0, 3 fresh seeds)" in said[0] and "beats" not in said[0]
    assert "front-3 beats it in both" in said[1]


def test_short_times_have_as_many_digits_as_their_interval_allows() -> None:
    """They were "0.01 s (0.01 to 0.01)"."""
    quick = Retrained("winner", "", Estimate(0.0079, 0.0062, 0.0097, 3), None, searched=(0.0104,))
    slow = Retrained("runner-up", "", Estimate(0.0121, 0.011, 0.0132, 3), Estimate(-0.0042, -0.005, -0.0034, 3))
    said = search_words.answer_sentences([quick, slow], ("seconds",))
    assert said[0].startswith("winner: 0.0079 s (0.0062 to 0.0097, 3 fresh seeds)")
    assert "the winner had 0.0104 s, 0.0025 s worse" in said[0]
    assert "0.0042 s (0.0034 to 0.0050) above the winner" in said[1]
    names = {"winner": "the winner", "runner-up": "the runner-up"}
    plain = search_words.plain_answer([quick, slow], names, "seconds")
    ends = "The runner-up ends 0.0042 s above the winner under fresh seeds"
    assert plain == f"{ends}: 0.0121 s against 0.0079 s of training."


def test_no_number_is_a_negative_zero() -> None:
    first = Retrained("adam", "", Estimate(0.1, 0.1, 0.1, 2), None)
    same = Retrained("sgd", "", Estimate(-0.0, -0.0, 0.0, 2), Estimate(0.0, 0.0, 0.0, 2))
    said = " ".join(search_words.answer_sentences([first, same]))
    assert "0.00 points" in said and "-0.00" not in said


def test_of_the_best_of_three_parts_each_is_named() -> None:
    def arm(name: str, value: float, behind: Estimate | None = None) -> Retrained:
        return Retrained(name, "", Estimate(value, value - 0.005, value + 0.005, 5), behind)

    apart = Estimate(0.02, 0.01, 0.03, 5)
    said = search_words.plain_answer(
        [arm("adam", 0.9), arm("sgd", 0.88, apart), arm("rmsprop", 0.94, apart)],
        {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop"},
        "val_accuracy",
    )
    reached = "RMSprop reaches 94.0 %, Adam 90.0 % and SGD 88.0 % validation accuracy under fresh seeds"
    assert said == f"{reached}, selected on val."
    tiny = [arm("adam", 0.9), arm("sgd", 0.8998, Estimate(0.0002, 0.0001, 0.0003, 5))]
    assert search_words.plain_answer(tiny, {}, "val_accuracy").startswith("Sgd ends 0.02 points below adam")


def test_seeds_that_all_differ_alike_tell_no_arm_from_another() -> None:
    first = Retrained("sgd", "", Estimate(0.905, 0.84, 0.96, 2), None)
    alike = Retrained("adam", "", Estimate(0.875, 0.81, 0.93, 2), Estimate(0.03, 0.03, 0.03, 2))
    said = search_words.plain_answer([first, alike], {"sgd": "SGD", "adam": "Adam"}, "val_accuracy")
    assert said == (
        "How far seeds vary is not known: in all 2 fresh seeds Adam ends 3.0 points below SGD, 87.5 % against 90.5 % "
        "validation accuracy, selected on val."
    )
    whole = search_words.answer_sentences([first, alike])[1]
    assert "3.00 points below sgd in all 2 seeds, which does not tell how far seeds vary" in whole.replace("SGD", "sgd")
    assert "chance" not in whole
