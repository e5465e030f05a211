"""What Python calls by a parameter, the command line calls by the option or argument of the command at hand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
import typer.main

from lstm_ascii.cli import spelling
from lstm_ascii.cli.app import COMMANDS, app
from tests.cli.program import SENTENCE, inside, is_clean_error
from tests.test_house import sources

LINES = [
    (("explain", SENTENCE, "--cell", "foo"), "--cell: expected rnn, lstm, gru, rnn-helped, got foo"),
    (("explain", SENTENCE, "--vocab", "w"), "--vocab: is for a network from a file; name that with --model FILE"),
    (("explain", SENTENCE, "--map", "rnn=a"), "--map: is for a network from a file; name that with --model FILE"),
    (("gradcheck", "--vocab", "w"), "--vocab: is for a network from a file; name that with FILE"),
    (("gradcheck", "m.npz", "--seed", "1"), "FILE: a network from a file takes no --hidden, --seed or --forget-bias"),
    (
        ("explain", "x", "--model", "m.npz", "--cell", "rnn"),
        "--cell: a network from a file has a cell of its own; leave --cell or --model out",
    ),
    (
        ("explain", "x", "--model", "m.npz", "--input", "x.npy"),
        "--input: takes the place of a sentence; leave one of them out",
    ),
    (("derive", "--unit", "3"), '--unit: only with a sentence, as --sentence "The cat was hungry."'),
    (("diagram", "lstm", "--word", "cat"), "--word: of which sentence? Give --sentence, too"),
    (("compare", "--view", "time", "--no-time"), "--view: leave out time, or --no-time"),
    (("train", "--vocabulary", "9"), "--vocabulary: needs --corpus; agreement English has its own words"),
    (
        ("train", "--resume", "x", "--cell", "rnn"),
        "--resume: goes on as it began; it takes no --cell, --hidden, --seed, --seeds or --vocabulary",
    ),
    (("gradients", "--spectral-radius", "-1"), "--spectral-radius: expected a number from 0 to 1000, got -1"),
    (("gradients", "--forget-bias", "much"), "--forget-bias: expected numbers or chrono, got much"),
    (("gradients", "--forget-bias", ","), "--forget-bias: name at least one number, or chrono"),
    (("gradients", "--clip", "-1"), "--clip: expected a length above 0, got -1"),
    (("gradients", "--heatmap", "--clip", "1"), "--heatmap: leave out --clip; a map has none"),
    (("gradients", "--heatmap", "cats"), "--heatmap: leave out a sentence; a map has none"),
    (("gradients", "--heatmap", "--vocab", "w"), "--heatmap: leave out --vocab; a map has none"),
    (
        ("gradients", "--heatmap", "--spectral-radius", "1"),
        "--heatmap: --spectral-radius is on an axis of the map; leave it out",
    ),
    (
        ("gradients", "cats", "--steps", "5", "--explode"),
        "--steps, --explode: of random networks; a sentence and --model are for trained ones",
    ),
    (("gradients", "--input-scale", "2", "--layer", "1"),
     "--input-scale: of random networks; a sentence and --model are for trained ones"),
    (("gradients", "--vocab", "w"), "--vocab: along which words? Give a sentence, too"),
    (("glossary", "xyzzy"), "WORD: 'xyzzy' is not in the glossary; glossary alone lists all"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "line"), LINES, ids=[" ".join(call) for call, _ in LINES])
def test_an_error_names_options_as_they_are_typed(
    call: tuple[str, ...], line: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    result = inside(capsysbinary, *call)
    assert is_clean_error(result, 2)
    assert result.complaint == f"lstm-ascii: {line}\n"


def parameters_named(text: str) -> Iterator[str]:
    """Return the parameters that the errors of a module name, by a mark or as the one that is refused."""
    for node in ast.walk(ast.parse(text)):
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        place = 0 if name in ("argument", "require", "require_names") else 1 if name.endswith("Error") else None
        if not isinstance(node, ast.Call) or place is None:
            continue
        values = [node.args[place]] if len(node.args) > place else []
        values += [one.value for one in node.keywords if one.arg == "parameter"]
        yield from (one.value for one in values if isinstance(one, ast.Constant) and isinstance(one.value, str))


def test_each_parameter_that_an_error_names_is_an_option_or_argument() -> None:
    spelling.at_hand.set(None)
    commands = [typer.main.get_command(app).commands[name] for name in COMMANDS]  # type: ignore[attr-defined]
    typed = {option for command in commands for one in command.params for option in one.opts}
    only_python = {"levers", "source", "spectrum", "explode", "parameter"}
    above = re.compile(r"lstm_ascii\.live\b")  # of functions in Python alone
    texts = [text for module, text in sources().items() if not above.match(module)]
    named = {name for text in texts for name in parameters_named(text)} - only_python
    assert len(named) > 30
    assert {name for name in named if spelling.spelled_parameter(name) not in typed and name not in typed} == set()
    assert set(spelling.OPTIONS.values()) <= typed


def test_the_parameters_that_errors_name_are_found() -> None:
    text = 'raise UsageError(f"{argument(\'a\')}", "b")\nraise FileError("x", parameter="c")\nrequire("d", 1, int, "e")'
    assert sorted(parameters_named(text)) == ["a", "b", "c", "d"]
