"""Reports of right answers written by hand: of classes, of tags, of many classes, and of values."""

from __future__ import annotations

from lstm_ascii.reports.accuracy.errors import ValueErrors
from lstm_ascii.reports.accuracy.report import AccuracyReport, ClassShare, Confused, WrongRow
from lstm_ascii.reports.scored.left_out import RowsLeftOut
from lstm_ascii.reports.scored.shares import Group, wilson


def group(name: str, right: int, total: int) -> Group:
    return Group(name, right, total, right / total if total else None, wilson(right, total))


def shared(name: str, right: int, total: int, given: int) -> ClassShare:
    return ClassShare(group(name, right, total), given, right / given if given else None)


def classes() -> AccuracyReport:
    """Return how a sentiment classifier fares, with rows left out and three that are wrong."""
    command = "lstm-ascii explain --model sentiment.keras --vocab words.txt"
    failures = tuple(
        WrongRow(line, text, right, given, figure, 0, f"{command} '{text}'")
        for line, text, right, given, figure in (
            (7, "the plot was not good but the music was not bad .", "positive", "negative", 0.93),
            (31, "not bad .", "positive", "negative", 0.5102),
            (80, "the ending was good and the film was dull, and the music of the ending was weak, too .", "negative",
             "positive", 0.77),
        )
    )  # fmt: skip
    left_out = (RowsLeftOut("expected 2 columns", "3", 2, (83, 85)),
                RowsLeftOut("expected a label of negative, positive", "neutral", 1, (90,)))  # fmt: skip
    return AccuracyReport(
        1, "reviews.tsv", "sentences", 84, "LSTM", 12, "sentiment.keras; mask_zero: word 0 is padding, and is skipped",
        "classes", "one of 2 classes", "sigmoid", group("", 81, 84), group("positive", 48, 84),
        (shared("negative", 35, 36, 37), shared("positive", 46, 48, 47)),
        (Confused("positive", "negative", 2), Confused("negative", "positive", 1)), ((35, 1), (2, 46)), (), 4, 1,
        left_out, failures, 3, 3, (),
    )  # fmt: skip


def tags() -> AccuracyReport:
    """Return how a tagger of words fares, with a class that is never given."""
    names = ("noun", "verb", "determiner", "adjective", "preposition-or-particle")
    right, total, given = (980, 410, 1004, 210, 0), (1000, 500, 1004, 260, 12), (1040, 455, 1004, 277, 0)
    shares = tuple(shared(*one) for one in zip(names, right, total, given, strict=True))
    matrix = tuple(tuple(right[i] if i == j else (total[i] - right[i]) // 4 for j in range(5)) for i in range(5))
    return AccuracyReport(
        1, "tags.tsv", "sentences", 310, "GRU", 64, "tagger.pt", "tags", "one of 5 tags at each step", "softmax",
        group("", 2604, 2776), group("determiner", 1004, 2776), shares,
        (Confused("verb", "noun", 60), Confused("adjective", "noun", 32)), matrix, (), 0, 0, (), (), 0, 118,
        ("no function after the last, as the file doesn't say",),
    )  # fmt: skip


def many() -> AccuracyReport:
    """Return how a classifier of thirty languages fares: too many for a square of confusions."""
    shares = tuple(shared(f"language-{n:02}", 100 - n, 100, 100 + n % 5) for n in range(30))
    right = sum(one.share.right for one in shares)
    confused = tuple(Confused(f"language-{n:02}", f"language-{(n + 1) % 30:02}", n) for n in range(29, 9, -1))
    return AccuracyReport(
        1, "languages.tsv", "sentences", 3000, "LSTM", 256, "names.onnx", "classes", "one of 30 classes", "softmax",
        group("", right, 3000), group("language-00", 100, 3000), shares, confused, (), (), 12, 0, (), (), 0,
        3000 - right, (),
    )  # fmt: skip


def values() -> AccuracyReport:
    """Return how far a forecaster of two numbers is off, with the rows that are farthest off."""
    errors = (
        ValueErrors("pressure", 500, 0.046, (0.043, 0.049), 0.037, (0.034, 0.039), -0.0012, 0.311, 0.978),
        ValueErrors("flow", 500, 12.9, (12.1, 13.7), 9.6, (9.1, 10.2), 2.4, 11.8, -0.195),
    )
    failures = (WrongRow(44, "row 44", "pressure 1.21", "pressure 0.87", 0.34, 0,
                         "lstm-ascii explain --model forecaster.onnx --input 'test.npz#44'"),)  # fmt: skip
    return AccuracyReport(
        1, "test.npz", "arrays of 500 rows", 500, "LSTM", 32, "forecaster.onnx", "values", "2 numbers", "linear", None,
        None, (), (), (), errors, 0, 0, (), failures, 1, 0, (),
    )  # fmt: skip
