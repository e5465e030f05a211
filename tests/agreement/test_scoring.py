"""What a network makes of a pair: held against the definition, word by word, one sentence at a time."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pytest

from lstm_ascii.cli.app import run
from lstm_ascii.network import Network
from lstm_ascii.reports.agreement import scoring
from lstm_ascii.reports.agreement.failures import explain_line
from lstm_ascii.reports.agreement.pairs import FilePair, PairsFile
from lstm_ascii.reports.agreement.published import DATA, published
from lstm_ascii.reports.agreement.report import agreement_report
from lstm_ascii.reports.agreement.scoring import Reader, UnknownForm, log_odds
from lstm_ascii.reports.scored import portions
from lstm_ascii.sources import WEIGHTS, Source, trained

CELLS = ("rnn", "lstm", "gru")
PAIRS = Path(__file__).with_name("pairs.tsv")
MIXED = (
    "The cat that chased the mice was hungry .\tThe cat that chased the mice were hungry .\n"
    "The cats that chased the mouse weren't hungry .\tThe cats that chased the mouse wasn't hungry .\n"
    "The cat was hungry and the dogs were tired .\tThe cat were hungry and the dogs was tired .\n"
    "The cats were hungry .\tThe cat were hungry .\n"
    "Was the cat hungry ?\tWere the cat hungry ?\n"
    "The very old cat was hungry .\tThe old cat was hungry .\n"
    "The dogs that the children heard were old .\tThe dogs that the children heard was old .\n"
)


def by_definition(network: Network, pair: FilePair) -> float:
    """Add up log p of each word after the words before it, of all that is scored."""

    def log_probability(form: tuple[str, ...]) -> float:
        words = (*pair.prefix, *form, *(pair.rest if pair.scored == "sentence" else ()))
        ids = np.array(network.vocabulary.ids(words))
        logits = network.decode(network.run(ids[:, None]).outputs[:, 0]).astype(np.float64)
        logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return sum(logs[step - 1, ids[step]] for step in range(max(1, len(pair.prefix)), len(ids)))

    return log_probability(pair.right) - log_probability(pair.wrong)


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    (tmp_path / "mixed.tsv").write_text(MIXED)
    return tmp_path / "mixed.tsv"


@pytest.mark.parametrize("score", ["", "sentence"])
@pytest.mark.parametrize("cell", CELLS)
def test_a_score_is_the_sum_of_the_words_log_probabilities(cell: str, score: str, mixed: Path) -> None:
    network = trained(cell)
    reader = Reader(network.vocabulary)
    pairs = [*PairsFile(str(mixed), score), *PairsFile(str(PAIRS), score)]
    assert len({(pair.scored, len(pair.right) > 1, bool(pair.prefix)) for pair in pairs}) >= 3
    answers = list(log_odds(network, [reader.question(pair) for pair in pairs]))
    assert len(answers) == len(pairs)
    for question, odds in answers:
        assert odds == pytest.approx(by_definition(network, question.pair), abs=2e-4)


def test_small_batches_change_no_score(mixed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = trained("lstm")
    questions = [Reader(network.vocabulary).question(pair) for pair in PairsFile(str(mixed), "sentence")]
    whole = {question.pair.line: odds for question, odds in log_odds(network, questions)}
    monkeypatch.setattr(portions, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(scoring, "LOGITS_AT_ONCE", 1)
    small = {question.pair.line: odds for question, odds in log_odds(network, questions)}
    assert small == pytest.approx(whole, abs=1e-4)


def test_a_pair_of_sentences_is_scored_as_its_prefix_is(tmp_path: Path) -> None:
    (tmp_path / "prefix.tsv").write_text("The cat that chased the mice\twas\twere\nThe old dogs\tare\tis\n")
    lines = "The cat that chased the mice was\tThe cat that chased the mice were\nThe old dogs are\tThe old dogs is\n"
    (tmp_path / "whole.tsv").write_text(lines)
    one, other = (agreement_report(str(tmp_path / f"{name}.tsv"), ("lstm",)) for name in ("prefix", "whole"))
    assert one.networks == other.networks
    assert (one.by_prefix, other.by_prefix, other.by_sentence) == (2, 2, 0)
    assert agreement_report(str(tmp_path / "whole.tsv"), ("lstm",), score="sentence").networks == one.networks


def test_a_verb_of_which_neither_form_is_known_is_asked_by_its_letters() -> None:
    reader = Reader(trained("lstm").vocabulary)
    unknown = FilePair(("The", "cat"), ("blickles",), ("blickle",), "kind", 0)
    question = reader.question(unknown)
    words = trained("lstm").vocabulary.words
    assert [words[form[0]] for form in (question.right, question.wrong)] == ["‹unknown-s›", "‹unknown›"]
    assert question.forms_by_letters
    assert words[reader.question(FilePair(("cats",), ("blickly",), ("blicklies",), "", 0)).right[0]] == "‹unknown›"
    for right, wrong in (("was", "blickle"), ("blickled", "blickle"), ("blickles", "blackles")):
        with pytest.raises(UnknownForm):  # a word against a whole class; forms that letters don't tell apart
            reader.question(FilePair(("The", "cat"), (right,), (wrong,), "kind", 0))


def test_pairs_asked_by_their_letters_are_counted_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pairs.tsv").write_text("The cat\tblickles\tblickle\nThe cat\twas\twere\nThe cat\twas\tblickle\n")
    (network,) = agreement_report(str(tmp_path / "pairs.tsv"), ("lstm",)).networks
    assert network.forms_by_letters is not None
    assert (network.total, network.forms_by_letters.total, network.unknown) == (2, 1, 1)
    assert run(["agreement", str(tmp_path / "pairs.tsv"), "--cell", "lstm"]) == 0
    assert "in 1 pair both forms are read by their letters" in capsys.readouterr().out


def test_rows_that_can_not_be_read_are_counted_and_named(tmp_path: Path) -> None:
    lines = ["prefix\tright\twrong", "The cat\twas\twere", "The cat\twas", *["The cat\tis\tis"] * 9, "\t\t", "x"]
    (tmp_path / "pairs.tsv").write_bytes(
        "\n".join([*lines, "The mice\twere\twas"]).encode() + b"\nThe c\xe4t\twas\twere"
    )
    report = agreement_report(str(tmp_path / "pairs.tsv"), ("lstm",))
    assert (report.pairs, report.rows, report.networks[0].total) == (2, 14, 2)
    assert [(one.reason, one.got, one.rows, one.lines) for one in report.left_out] == [
        ("expected 3 columns with tabs between them", "2", 2, (3, 14)),
        ("expected two different words as right and wrong", '"is" twice', 9, tuple(range(4, 12))),
        ("expected UTF-8", "the byte 0xe4", 1, (16,)),
    ]


def test_reasons_without_end_are_put_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lstm_ascii.reports.scored.left_out.MOST_RULES", 1)
    (tmp_path / "pairs.tsv").write_text("The cat\twas\twere\nThe cat\twas\twas\nx\nx\n")
    left_out = agreement_report(str(tmp_path / "pairs.tsv"), ("lstm",)).left_out
    assert [(one.reason, one.rows) for one in left_out][-1] == ("other reasons", 2)


@pytest.mark.parametrize("cell", CELLS)
def test_every_failure_has_a_line_that_opens_it(cell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Run each of them and find the same log-odds; some of them of the other cells."""
    turned = [line.split("\t") for line in PAIRS.read_text().splitlines()[1:]]
    rows = [f"{row[0]}\t{row[2]}\t{row[1]}\tthe wrong way round\n" for row in turned]
    rows += [
        '-- the "cat\'s" !\twere\twas\n',
        "The mice were old . The cat\twere\twas\n",
        "The cat\tblickle\tblickles\n",
    ]
    (tmp_path / "my pairs.tsv").write_text("".join(rows))
    (network,) = agreement_report(str(tmp_path / "my pairs.tsv"), (cell,), failures=1000).networks
    assert len(network.failures) == network.total - network.right > 20
    assert [one.line for one in network.failures] == sorted(one.line for one in network.failures)
    for failure in network.failures if cell == "lstm" else network.failures[::8]:
        name, *arguments = shlex.split(failure.command)
        assert name == "lstm-ascii"
        assert run([*arguments, "--json"]) == 0
        (opened,) = json.loads(capsys.readouterr().out)["networks"]
        assert opened["choice"]["log_odds"] == pytest.approx(failure.log_odds, abs=1e-4), failure.command


def test_a_line_names_the_network_and_quotes_what_a_shell_would_change(tmp_path: Path) -> None:
    pair = FilePair(("The", "$cats", "that"), ("do", "n't"), ("does", "n't"), "kind", None, (), "prefix", 1)
    source = Source(model="my nets/a.npz", vocabulary="words.txt", activation="relu", roles=("rnn=W",))
    assert explain_line(pair, "", source) == (
        "lstm-ascii explain 'The $cats that do' --contrast do:does --model \"my nets/a.npz\" --vocab words.txt "
        "--activation relu --map rnn=W"
    )
    whole = FilePair(("The",), ("cats",), ("cat",), "kind", None, ("run", "."), "sentence", 1)
    assert explain_line(whole, "gru", Source()) == 'lstm-ascii explain "The cats run ." --cell gru'
    random = explain_line(pair, "gru", Source(seed=3, hidden_size=8))
    assert random == "lstm-ascii explain 'The $cats that do' --cell gru --seed 3 --hidden 8"


@pytest.mark.parametrize("options", [("--cell", "gru", "--seed", "1"), ("--model", str(WEIGHTS / "gru.safetensors"))])
def test_lines_of_other_networks_run_too(options: tuple[str, ...], mixed: Path, capsys) -> None:
    for score in ("prefix", "sentence"):
        assert run(["agreement", str(mixed), "--failures", "9", "--score", score, "--json", *options]) == 0
        (network,) = json.loads(capsys.readouterr().out)["networks"]
        for failure in network["failures"]:
            assert run(shlex.split(failure["command"])[1:]) == 0
            capsys.readouterr()


def test_only_so_many_failures_are_kept_as_were_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pairs.tsv").write_text("The cat that chased the mice\twere\twas\n" * 3000)
    (network,) = agreement_report(str(tmp_path / "pairs.tsv"), ("lstm",), failures=3).networks
    assert [failure.line for failure in network.failures] == [1, 2, 3]
    for wrong in ("-1", "1001"):
        assert run(["agreement", str(tmp_path / "pairs.tsv"), "--failures", wrong]) == 2
    assert capsys.readouterr().err.count("--failures: expected 0 to 1,000 pairs") == 2
    assert run(["agreement", str(tmp_path / "pairs.tsv"), "--score", "word"]) == 2
    assert "--score: expected prefix or sentence, got word" in capsys.readouterr().err


def test_published_figures_stand_beside_ours(tmp_path: Path) -> None:
    assert len(published()) >= 18
    assert all(0 < share <= 1 and len(one.shares) == len(one.models) for one in published() for share in one.shares)
    assert len({(one.kinds, one.file, one.layout) for one in published()}) == len(published())
    assert DATA.read_text().count("source = ") == 4
    rows = "prep_anim\tThe cat near the mice was old .\tThe cat near the mice were old .\n"
    rows += "prep_inanim\tThe key was old .\tThe key were old .\nof_my_own\tThe key was old .\tThe key were old .\n"
    (tmp_path / "pairs.tsv").write_text(rows)
    report = agreement_report(str(tmp_path / "pairs.tsv"), ("lstm", "gru"))
    (entry,) = report.published
    assert (entry.test, entry.what, entry.models, entry.shares) == (
        "Marvin & Linzen", "across a prepositional phrase", ("LSTM",), (0.68,)
    )  # fmt: skip
    kinds = [sum(group.right for group in network.by_kind[:2]) for network in report.networks]
    assert (entry.total, entry.right) == ((2, 2), tuple(kinds))


def test_figures_of_one_test_are_not_shown_for_another_with_the_same_kinds(tmp_path: Path) -> None:
    for name, shown in (("nounpp.txt", 1), ("nounpp_adv.txt", 0)):
        lines = "The cat near the dogs {}\tsingular_plural\t{}\tid1\n"
        (tmp_path / name).write_text(lines.format("was", "correct") + lines.format("were", "wrong"))
        assert len(agreement_report(str(tmp_path / name), ("lstm",)).published) == shown
