"""Errors name parameters, as Python calls them; how options are spelled is known to the command line alone."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator

import pytest

from lstm_ascii import explain, gradients
from lstm_ascii.errors import FileError, LstmAsciiError, ShapeError, UsageError, argument, spelled
from lstm_ascii.reports.gradients.levers import Levers
from lstm_ascii.sources import Source
from tests.test_house import sources

OPTION = re.compile(r"(?<![\w-])--[a-z]")
SENTENCE = "The cat was hungry."
ON_PAGES = {  # texts of reports that pages draw and JSON holds as they are
    "lstm_ascii.checkpoints.between": 1,
    "lstm_ascii.checkpoints.by_word": 1,
    "lstm_ascii.checkpoints.choosing": 1,
    "lstm_ascii.checkpoints.heads": 2,
    "lstm_ascii.checkpoints.keras_layers": 1,
    "lstm_ascii.checkpoints.onnx_graph": 1,
    "lstm_ascii.checkpoints.side_by_side": 1,
    "lstm_ascii.checkpoints.layers": 1,
    "lstm_ascii.checkpoints.word_parts": 1,
    "lstm_ascii.reports.accuracy.report": 3,  # command lines are what these make, for rows that failed
    "lstm_ascii.reports.accuracy.rows": 2,
    "lstm_ascii.reports.agreement.failures": 1,
    "lstm_ascii.reports.scored.opening": 10,
    "lstm_ascii.reports.diagram.pictures": 1,
    "lstm_ascii.reports.doctor.units": 1,
    "lstm_ascii.reports.step.position": 7,  # the command line that prints a screen
    "lstm_ascii.tui.app": 1,
    "lstm_ascii.cluster": 1,  # of Dask's own program
}


def strings(text: str) -> Iterator[str]:
    """Return the strings of a module, but for its docstrings."""
    tree = ast.parse(text)
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.value


def options_in(text: str) -> list[str]:
    """Return the strings of a module that name an option."""
    return [value for value in strings(text) if OPTION.search(value)]


def test_no_text_below_the_command_line_names_an_option() -> None:
    below = {name: text for name, text in sources().items() if not re.match(r"lstm_ascii\.(cli|render)\b", name)}
    assert {name: len(found) for name, text in below.items() if (found := options_in(text))} == ON_PAGES


def test_an_option_in_a_text_is_noticed() -> None:
    assert options_in('"""See --help."""\nraise E(f"{x}: --map {y}")') == [": --map "]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"cells": ("foo",)}, "cells: expected rnn, lstm, gru, rnn-helped, got foo"),
        ({"cells": "lstm"}, "cells: expected a tuple of names, got str"),
        ({"cells": (1,)}, "cells: expected a tuple of names, got tuple"),
        ({"sentence": None}, "sentence: expected a text, got NoneType"),
        ({"word": 1.5}, "word: expected a text or a whole number, got float"),
        ({"word": 99}, "word: expected 1 to 5, got 99"),
        ({"unit": "3"}, "unit: expected a whole number, got str"),
        ({"unit": True}, "unit: expected a whole number, got bool"),
        ({"contrast": ("was", "were")}, "contrast: expected a text, got tuple"),
        ({"source": 3}, "source: expected a Source, the path of a file, or what open_model returned, got int"),
        ({"source": ""}, "source: expected the path of a file, got an empty text"),
        ({"layer": "1"}, "layer: expected a whole number, got str"),
        ({"direction": 1}, "direction: expected a text, got int"),
    ],
    ids=str,
)
def test_explain_names_the_parameter_that_it_refuses(values: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as error:
        explain(**{"sentence": SENTENCE, **values})  # type: ignore[arg-type]
    assert str(error.value) == message
    assert [error.value.parameter] == list(values)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"levers": {"steps": 3}}, "levers: expected Levers, got dict"),
        ({"explode": 1}, "explode: expected True or False, got int"),
        ({"clip": "1"}, "clip: expected a number, got str"),
        ({"clip": -1.0}, "clip: expected a length above 0, got -1"),
        ({"spectrum": None}, "spectrum: expected True or False, got NoneType"),
    ],
    ids=str,
)
def test_gradients_names_the_parameter_that_it_refuses(values: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as error:
        gradients(**values)  # type: ignore[arg-type]
    assert str(error.value) == message
    assert [error.value.parameter] == list(values)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"steps": 0}, "steps: expected 1 to 10,000,000, got 0"),
        ({"steps": "5"}, "steps: expected a whole number, got str"),
        ({"hidden": 3.0}, "hidden: expected a whole number, got float"),
        ({"radius": -1.0}, "radius: expected a number from 0 to 1000, got -1"),
        ({"radius": "0.9"}, "radius: expected a number, got str"),
        ({"cells": "lstm"}, "cells: expected a tuple of names, got str"),
        ({"forget_biases": 1.0}, "forget_biases: expected a tuple of numbers and names, got float"),
        ({"forget_biases": ("much",)}, "forget_biases: expected numbers or chrono, got much"),
        ({"thresholds": 0.1}, "thresholds: expected two numbers, got float"),
        ({"thresholds": (0.1,)}, "thresholds: expected two numbers, got 1"),
        ({"thresholds": ("a", 3)}, "thresholds: expected two numbers, got str"),
    ],
    ids=str,
)
def test_levers_name_the_parameter_that_they_refuse(values: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as error:
        gradients(Levers(**values))  # type: ignore[arg-type]
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"hidden_size": "8"}, "hidden_size: expected a whole number, got str"),
        ({"forget_bias": "chrono"}, "forget_bias: expected a number, got str"),
        ({"model": "m", "roles": "rnn=a"}, "roles: expected a tuple of names, got str"),
        ({"vocabulary": "w.txt"}, "vocabulary: is for a network from a file; name that with model"),
        ({"model": "m", "seed": 1}, "model: a network from a file takes no hidden_size, seed or forget_bias"),
    ],
    ids=str,
)
def test_a_source_names_the_parameter_that_it_refuses(values: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as error:
        explain(SENTENCE, source=Source(**values))  # type: ignore[arg-type]
    assert str(error.value) == message


def test_a_mark_in_a_message_is_written_by_who_shows_it() -> None:
    error = UsageError(f"name it with {argument('model', 'FILE')}, not {{model}}", "vocabulary")
    assert str(error) == "vocabulary: name it with model, not {model}"
    assert spelled(error.message, lambda name, value: f"<{name}|{value}>") == (
        "<vocabulary|>: name it with <model|FILE>, not {model}"
    )


@pytest.mark.parametrize("kind", [LstmAsciiError, UsageError, ShapeError, FileError])
def test_an_error_of_another_process_says_the_same(kind: type[LstmAsciiError]) -> None:
    error = kind(f"see {argument('out')}", "steps", ("lines", "to type"))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (type(again), str(again), again.message) == (kind, "steps: see out", error.message)
    assert (again.parameter, again.advice) == ("steps", ("lines", "to type"))
