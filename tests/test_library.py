"""``from lstm_ascii import explain``: a report that draws itself."""

from __future__ import annotations

import doctest
import inspect
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest
import rich
from rich.console import Console

import lstm_ascii
from lstm_ascii import Explanation, Levers, Source, compare, doctor, explain, gradients, open_model
from lstm_ascii.cli.output import to_json
from lstm_ascii.drawn import Drawn
from lstm_ascii.errors import LstmAsciiError, UsageError
from lstm_ascii.sources import WEIGHTS
from tests.cli.program import environment

SENTENCE = "The cat that chased the mice was hungry."


@pytest.fixture(scope="module")
def report() -> Explanation:
    return explain(SENTENCE, cells=("lstm", "gru"), word="cat")


def test_the_report_is_plain_data(report: Explanation) -> None:
    assert report.words[1] == "cat"
    assert report.focus == 2
    assert [network.cell for network in report.networks] == ["LSTM", "GRU"]
    assert all(type(step.state_size) is float for network in report.networks for step in network.steps)
    assert asdict(report)["words"] == report.words


def test_rich_print_draws_it(report: Explanation) -> None:
    stream = StringIO()
    rich.print(report, file=stream)
    assert "ALONG THE WORDS" in stream.getvalue()
    assert "Explanation(" not in stream.getvalue()


def test_it_is_drawn_into_the_width_of_any_console(report: Explanation) -> None:
    console = Console(file=StringIO(), width=50, _environ={})
    console.print(report)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert max(map(len, text.splitlines())) == 50


def test_a_notebook_draws_it(report: Explanation) -> None:
    page = report._repr_html_()
    texts: list[str] = []
    parser = HTMLParser()
    parser.handle_data = texts.append  # type: ignore[method-assign]
    parser.feed(page)
    assert page.startswith("<pre")
    assert "ALONG THE WORDS" in "".join(texts)
    assert "color:" in page


def test_markup_in_the_sentence_stays_text() -> None:
    page = explain("a<b>[bold]x :warning:", cells=("gru",))._repr_html_()
    assert "a&lt;b&gt;[bold]x" in page
    assert "warning" in page


@pytest.mark.parametrize("wrong", [{"sentence": " "}, {"word": 99}, {"unit": -1}, {"cells": ("elman",)}])
def test_what_cannot_be_is_an_error_of_our_own(wrong: dict[str, object]) -> None:
    with pytest.raises(LstmAsciiError):
        explain(**{"sentence": SENTENCE, **wrong})  # type: ignore[arg-type]


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        lstm_ascii.nonsense  # noqa: B018


def test_the_import_alone_loads_no_numpy() -> None:
    code = (
        "import sys, lstm_ascii; assert not {'numpy', 'rich', 'torch', 'keras', 'onnxruntime'} & sys.modules.keys();"
        "lstm_ascii.explain; lstm_ascii.look; assert 'numpy' in sys.modules;"
        "assert not {'torch', 'keras', 'onnxruntime'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], env=environment(), check=True, timeout=300)  # noqa: S603


NETWORK = WEIGHTS / "gru.safetensors"
REPORTS: dict[str, Callable[[], Drawn]] = {
    "explain": lambda: explain(SENTENCE, cells=("gru",)),
    "gradients": lambda: gradients(Levers(steps=20, cells=("rnn", "lstm"))),
    "doctor": lambda: doctor(NETWORK, SENTENCE),
    "compare": lambda: compare(views=("size", "agreement")),
    "open_model": lambda: open_model(NETWORK),
}


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_draws_and_tells_itself(name: str) -> None:
    made = REPORTS[name]()
    bundle = made._repr_mimebundle_()
    assert bundle.keys() == {"text/plain", "text/html"}
    assert bundle["text/plain"] == str(made)
    assert max(map(len, str(made).splitlines())) <= 80
    assert bundle["text/html"].startswith("<pre")
    assert "\x1b" not in str(made) + made.plain()
    assert json.loads(made.to_json()) == made.to_dict()
    assert made.to_json() == to_json(made.report())
    assert made.to_dict()["schema_version"] == 1
    assert made.arrays()
    assert all(isinstance(key, str) and len(value.shape) in (0, 1, 2) for key, value in made.arrays().items())
    assert "\n" not in repr(made)
    assert len(repr(made)) < 200
    plain = made.plain()
    assert not set(plain) & set("│╭█░")


def test_tables_become_arrays_with_names() -> None:
    arrays = gradients(steps=20, cells=("rnn",)).arrays()
    some = next(name for name in arrays if name.endswith("(log10)"))
    assert arrays[some].dtype.kind == "f"
    assert explain(SENTENCE, cells=("lstm",)).arrays()["layer1.forward.f"].shape == (9, 32)


def test_a_file_is_named_by_its_path_or_opened_once(tmp_path: Path) -> None:
    model = open_model(str(NETWORK))
    by_path, by_source = explain(SENTENCE, source=NETWORK), explain(SENTENCE, source=Source(model=str(NETWORK)))
    assert explain(SENTENCE, source=model).to_dict() == by_path.to_dict() == by_source.to_dict()
    assert model.network.layers[0][0].cell.name == "GRU"
    with pytest.raises(UsageError, match="there is no such parameter; there are model, hidden_size"):
        open_model(NETWORK, vocab="words.txt")
    with pytest.raises(LstmAsciiError, match=r"gone\.pt"):
        open_model(tmp_path / "gone.pt")
    with pytest.raises(UsageError, match="source: expected the path of a file of weights"):
        doctor(Source())


def test_a_live_model_is_sent_to_look() -> None:
    class Module:
        pass

    Module.__module__ = "torch.nn.modules.module"

    class Mine(Module):
        pass

    with pytest.raises(
        UsageError, match=r"source: expected a Source.*got Mine; look\(model, batch\) looks into a live"
    ):
        explain(SENTENCE, source=Mine())  # type: ignore[arg-type]


def test_errors_name_parameters_and_no_options() -> None:
    for call in (
        lambda: compare(views=("nothing",)),
        lambda: compare(cells="lstm"),
        lambda: compare(hidden=0),
        lambda: compare(views=("time",), timed=False),
        lambda: explain(SENTENCE, source=Source(model="x.pt", seed=1)),
        lambda: explain(SENTENCE, cells=("elman",)),
        lambda: doctor(NETWORK, text=3),  # type: ignore[arg-type]
    ):
        with pytest.raises(LstmAsciiError) as error:
            call()
        assert "--" not in str(error.value)
        assert error.value.parameter


@pytest.mark.parametrize("name", [name for name in lstm_ascii.__all__ if not name.startswith("__")])
def test_every_public_name_is_typed_and_told(name: str) -> None:
    value = getattr(lstm_ascii, name)
    assert value.__doc__
    if inspect.isfunction(value):
        assert inspect.signature(value).return_annotation
        assert ">>> " in value.__doc__


FUNCTIONS = [name for name in lstm_ascii.__all__ if inspect.isfunction(getattr(lstm_ascii, name))]


@pytest.mark.parametrize("name", ["lstm_ascii", *FUNCTIONS])
def test_the_examples_in_docstrings_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if name in ("look", "watch"):
        pytest.importorskip("torch", reason="needs PyTorch")
    home = name if name == "lstm_ascii" else getattr(lstm_ascii, name).__module__
    result = doctest.testmod(sys.modules[home])
    assert result.attempted
    assert not result.failed
