"""``lstm-ascii gradients`` as its readers call it: levers, JSON, bad input, progress, bytes."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from rich.cells import cell_len

from lstm_ascii import processes
from lstm_ascii.cli import watching
from lstm_ascii.cli.app import run as run_here
from lstm_ascii.sources import WEIGHTS
from tests.cli.program import TIMEOUT, answer, command, environment, is_clean_error, run
from tests.rendering import render

KEYS = {
    "cell", "label", "steps_back", "total_log10", "carousel_log10", "horizon", "verdict", "spectral_radius",
    "largest_singular_value", "growth_rate",
}  # fmt: skip
SENTENCE = "The cat that chased the mice was hungry."


def here(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run the program in this process, which is quicker, and return its standard output."""
    assert run_here(["gradients", *arguments]) == 0
    found = capsys.readouterr()
    assert found.err == ""
    return found.out


def reported(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    def refused(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    report = json.loads(here(capsys, *arguments, "--json"), parse_constant=refused)
    networks: list[dict[str, Any]] = report["networks"]
    return networks


def test_json_has_what_is_promised(capsys: pytest.CaptureFixture[str]) -> None:
    networks = reported(capsys, "--steps", "50")
    assert [network["label"] for network in networks] == ["RNN", "LSTM +1", "LSTM chrono", "GRU"]
    for network in networks:
        assert network.keys() >= KEYS
        assert network["steps_back"] == list(range(1, 51))
        assert len(network["total_log10"]) == 50
        assert (network["carousel_log10"] is not None) == (network["cell"] == "LSTM")
        assert network["verdict"] in ("vanished", "alive", "exploded")
        assert network["spectral_radius"] <= network["largest_singular_value"] + 1e-12


def test_the_exact_values_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    still = ("--spectral-radius", "0", "--input-scale", "0", "--cell", "lstm", "--forget-bias", "0,1,3")
    for bias, network in zip((0, 1, 3), reported(capsys, *still), strict=True):
        expected = [-n * math.log10(1 + math.exp(-bias)) for n in range(1, 51)]
        assert network["carousel_log10"] == pytest.approx(expected, abs=1e-12)
        assert network["total_log10"] == pytest.approx(expected, abs=1e-12)


def test_a_linear_recurrence_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    linear = ("--init", "orthogonal", "--spectral-radius", "0.9", "--input-scale", "0", "--cell", "rnn")
    (network,) = reported(capsys, *linear)
    assert network["total_log10"] == pytest.approx([n * math.log10(0.9) for n in range(1, 51)], abs=1e-12)
    assert network["growth_rate"] == pytest.approx(math.log(0.9), abs=1e-12)


@pytest.mark.parametrize(
    ("lever", "value"),
    [
        ("--steps", "30"), ("--hidden", "9"), ("--spectral-radius", "0.7"), ("--init", "xavier"),
        ("--activation", "relu"), ("--forget-bias", "2"), ("--input-scale", "0.3"), ("--seed", "3"), ("--seeds", "3"),
        ("--thresholds", "0.5,2"),
    ],
)  # fmt: skip
def test_every_lever_moves_something(lever: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    small = ("--hidden", "8") if lever != "--hidden" else ()
    assert reported(capsys, lever, value, *small) != reported(capsys, *small)


WRONG = [
    ("--steps", "0"), ("--steps", "-1"), ("--steps", "1000000000"), ("--spectral-radius", "-1"),
    ("--spectral-radius", "nan"), ("--hidden", "0"), ("--hidden", "100000"), ("--seeds", "0"), ("--seed", "-1"),
    ("--input-scale", "inf"), ("--init", "zeros"), ("--activation", "sigmoid"), ("--forget-bias", "much"),
    ("--thresholds", "0.1"), ("--thresholds", "a,b"), ("--view", "all"), ("--cell", "elman"),
    ("--clip", "-1"), ("--clip", "0"),
]  # fmt: skip


@pytest.mark.parametrize(("option", "value"), WRONG)
def test_a_value_that_cannot_be_is_one_line_that_names_the_option(
    option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_here(["gradients", f"{option}={value}"]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert found.err.startswith(f"lstm-ascii: {option}: ")
    assert len(found.err.splitlines()) == 1


@pytest.mark.parametrize("option", ["--steps", "--hidden", "--spectral-radius", "--seeds", "--clip"])
def test_words_are_no_numbers(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_here(["gradients", option, "words"]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert option in found.err.splitlines()[-1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--explode", "--cell", "lstm"), ("--explode", "--forget-bias", "1"), ("--heatmap", "--clip", "1"),
        ("--heatmap", "--seeds", "2"),
        ("--heatmap", "--spectral-radius", "1"), ("--heatmap", "--cell", "gru"), ("--heatmap", "cats"),
        ("cats", "--steps", "5"),
        ("cats", "--hidden", "5"), ("--model", "network.safetensors"), ("cats", "--explode"), (" ",),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_does_not_go_together_is_a_clean_error(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_here(["gradients", *arguments]) == 2
    found = capsys.readouterr()
    assert (found.out, len(found.err.splitlines())) == ("", 1)


def test_a_state_beyond_all_numbers_is_a_clean_error() -> None:
    assert is_clean_error(run("gradients", "--activation", "relu", "--spectral-radius", "4", "--steps", "2000"), 1)


def test_the_same_seed_twice_gives_the_same_bytes() -> None:
    arguments = ("gradients", "--seed", "7", "--steps", "40")
    first, second = run(*arguments, "--json"), run(*arguments, "--json")
    assert (first.code, first.err) == (0, b"")
    assert first.out == second.out
    assert run(*arguments).out == run(*arguments).out


@pytest.mark.parametrize("width", [20, 40, 80, 120])
@pytest.mark.parametrize(
    "more", [("--seeds", "4", "--hidden", "5"), ("--explode", "--clip", "1"), (SENTENCE,)], ids=str
)
def test_no_line_is_wider_than_asked_for(width: int, more: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    text = here(capsys, *more, "--width", str(width))
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert here(capsys, *more, "--width", str(width), "--ascii").isascii()


def test_trained_networks_are_measured_along_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    networks = reported(capsys, SENTENCE)
    assert [network["cell"] for network in networks] == ["RNN", "LSTM", "GRU"]
    assert all(network["steps_back"] == list(range(1, 10)) for network in networks)
    text = here(capsys, SENTENCE, "--view", "bars")
    for back, word in enumerate([".", "hungry", "was", "mice", "the", "chased", "that", "cat", "The", "(start)"]):
        assert re.search(rf"^ {back} {re.escape(word)} ", text, re.MULTILINE)


def test_a_network_from_a_file_is_measured_alone(capsys: pytest.CaptureFixture[str]) -> None:
    file = str(WEIGHTS / "gru.safetensors")
    (network,) = reported(capsys, SENTENCE, "--model", file)
    assert network == reported(capsys, SENTENCE, "--cell", "gru")[0]


def test_the_spectrum_is_measured_where_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    for network, wide in zip(reported(capsys, "--view", "spectrum", "--hidden", "6"), (6, 12, 12, 6), strict=True):
        spectrum = [value for value in network["spectrum"] if value is not None]
        assert len(network["spectrum"]) == wide
        assert spectrum == sorted(spectrum, reverse=True)
        assert network["growth_rate"] == spectrum[0]


def test_maps_are_drawn(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "cores", lambda: 1)
    text = here(capsys, "--heatmap", "--hidden", "4", "--steps", "30")
    assert "MAP OF THE RNN" in text
    assert "MAP OF THE LSTM" in text


def test_maps_by_several_processes_are_those_of_one() -> None:
    from lstm_ascii.reports.gradients.levers import Levers
    from lstm_ascii.reports.gradients.maps import maps_report

    levers = Levers(steps=20, hidden=3, cells=("rnn",))
    heard: list[float] = []
    assert maps_report(levers, lambda _, share: heard.append(share), processes=2) == maps_report(levers, processes=1)
    assert heard == sorted(heard)
    assert heard[-1] == 1


def all_of(terminal: int) -> Iterator[bytes]:
    """Yield what is written to a terminal until its other end is closed."""
    with suppress(OSError):
        while part := os.read(terminal, 65536):
            yield part


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_long_measurements_have_a_bar_on_standard_error_and_only_there() -> None:
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(  # noqa: S603
        command("gradients", "--steps", "120000", "--hidden", "4", "--cell", "lstm", "--view", "words"),
        stdout=subprocess.PIPE, stderr=theirs, env=environment(TERM="xterm"),
    )  # fmt: skip
    os.close(theirs)
    parts: list[bytes] = []
    reader = threading.Thread(target=lambda: parts.extend(all_of(ours)))  # a full terminal would hold the program
    reader.start()
    out = process.communicate(timeout=TIMEOUT)[0]
    reader.join(10)
    os.close(ours)
    seen = b"".join(parts)
    assert process.returncode == 0
    assert b"\x1b" not in out
    assert "120,000 steps" in out.decode()
    assert "%" in seen.decode(errors="replace")
    assert "LSTM" in seen.decode(errors="replace")


def test_short_measurements_have_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    assert watching.PATIENCE > 0.1
    assert answer("gradients", "--steps", "5").err == b""


def test_the_library_gives_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    import lstm_ascii

    found = lstm_ascii.gradients(lstm_ascii.Levers(steps=9, cells=("lstm",), hidden=4))
    assert isinstance(found, lstm_ascii.Gradients)
    assert render(found, 80) == here(capsys, "--steps", "9", "--cell", "lstm", "--hidden", "4")
    assert found._repr_html_().startswith("<pre ")


def test_very_many_steps_print_what_fits_a_screen(capsys: pytest.CaptureFixture[str]) -> None:
    few, many = (here(capsys, "--hidden", "2", "--cell", "rnn,gru", "--steps", steps) for steps in ("50", "6000"))
    assert len(many.splitlines()) < 1.3 * len(few.splitlines())
