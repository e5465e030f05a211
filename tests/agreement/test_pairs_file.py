"""A file of pairs: what it may hold, and what is said when it can't be read."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_ascii.errors import LstmAsciiError, UsageError
from lstm_ascii.language.text import words_of
from lstm_ascii.reports.agreement import pairs as agreement_pairs
from lstm_ascii.reports.agreement.pairs import PairsFile
from lstm_ascii.reports.agreement.report import agreement_report

HEADER = "prefix\tright\twrong\n"


@pytest.mark.parametrize(
    ("columns", "cells", "group"),
    [
        ("distance", "3", "1-4"),
        ("subject", "mice", "0"),
        ("subject", "Cat", "1-4"),
        ("subject", "the", "unknown"),  # twice in the prefix
        ("subject", "", "unknown"),
        ("subject\tdistance", "cat\t0", "0"),  # what the file says comes first
        ("subject\tdistance", "cat\t", "1-4"),
        ("attractors", "1", "unknown"),
    ],
)
def test_a_distance_is_told_by_the_file_or_counted_but_never_guessed(asked, columns, cells, group) -> None:
    report = asked(f"prefix\tright\twrong\t{columns}\nthe cat that chased the mice\twas\twere\t{cells}\n")
    assert [one.name for one in report.networks[0].by_distance] == [group]


def test_a_file_may_come_from_any_editor(asked) -> None:
    report = asked(
        "\ufeffRight\tWRONG \tPrefix\tkind\r\n\r\nwas\twere\tthe cat\r\nwere\twas\tthe mice\tplain\r\n\t\t\t"
    )
    assert report.pairs == report.networks[0].right == 2
    assert [one.name for one in report.networks[0].by_kind] == ["no kind", "plain"]


def test_what_is_dangerous_in_a_file_is_made_visible(asked) -> None:
    report = asked("prefix\tright\twrong\tkind\nthe \x1b[31mcat\twas\tw\u202e\t\x1b[5mblink\n")
    (network,) = report.networks
    assert (network.unknown_words, network.by_kind[0].name) == (("w\\u202e",), "\\x1b[5mblink")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "pairs.tsv: empty; expected a header with the columns prefix, right, wrong"),
        ("\n \n", "pairs.tsv: empty; expected"),
        (HEADER, "pairs.tsv: no pairs below the header"),
        (
            "prefix right wrong\n",
            "line 1: expected the columns .* or two sentences with tabs .*, got no tab",
        ),
        ("prefix\tright\n", "line 1: .* missing: wrong"),
        ("prefix\tright\twrong\tright\n", "line 1: expected each column once, got right 2 times"),
        (HEADER + "\nthe cat\twas\n", "line 3: expected 3 columns with tabs between them, got 2"),
        (HEADER + "the cat\twas\twere\tmore\n", "line 2: expected 3 columns .*, got 4"),
        ("prefix\tright\twrong\tkind\nthe cat\n", "line 2: expected 3 to 4 columns .*, got 1"),
        (HEADER + " \twas\twere\n", "line 2: expected 1 to 2,000 words as prefix, got none"),
        (HEADER + "cat " * 2001 + "\twas\twere\n", "line 2: expected 1 to 2,000 words as prefix, got 2001"),
        (HEADER + "the cat\twas\twas\n", 'line 2: expected two different words .*, got "was" twice'),
        (HEADER + "the cat\twas\tWas\n", "line 2: expected two different words"),
        (
            HEADER + "the cat\twas not to be seen\twere\n",
            'line 2: expected 1 to 4 words as right, got "was not to be seen"',
        ),
        (HEADER + "the cat\twas\t\n", "line 2: expected 1 to 4 words as wrong, got none"),
        ((HEADER + "the c\u00e4t\twas\twere\n").encode("latin-1"), "line 2: expected UTF-8, got the byte 0xe4"),
        (HEADER.encode("utf-16"), "line 1: expected UTF-8, got the byte 0xff"),
        (HEADER + "c" * 70_000, "line 2: expected at most 65,536 bytes, got more"),
        (
            "prefix\tright\twrong\tdistance\nthe cat\twas\twere\t2\n",
            'line 2: expected fewer words .* than the prefix has, got "2"',
        ),
        (
            "prefix\tright\twrong\tdistance\nthe cat\twas\twere\t-1\n",
            'line 2: expected fewer words .*, got "-1"',
        ),
        ("prefix\tright\twrong\tdistance\nthe cat\twas\twere\t\u00b2\n", "line 2: expected fewer words as distance"),
        ("prefix\tright\twrong\tsubject\nthe cat\twas\twere\tdog\n", 'line 2: .* as subject, got "dog"'),
        ("prefix\tright\twrong\tsubject\nthe cat\twas\twere\tthe cat\n", "line 2: expected one word as subject"),
    ],
)
def test_a_line_that_is_not_as_expected_is_named(asked, content: str | bytes, message: str) -> None:
    with pytest.raises(LstmAsciiError, match=message) as raised:
        asked(content)
    assert raised.value.exit_code == 1
    assert "\n" not in str(raised.value)


def test_kinds_without_end_are_put_together(asked) -> None:
    report = asked("prefix\tright\twrong\tkind\n" + "".join(f"the cat\twas\twere\tkind {n}\n" for n in range(2000)))
    kinds = report.networks[0].by_kind
    assert (len(kinds), kinds[-1].name, kinds[-1].total) == (1001, "other kinds", 1000)


@pytest.mark.usefixtures("by_hand")
def test_what_can_not_be_opened_is_a_clean_error(tmp_path: Path) -> None:
    for path in (tmp_path / "none.tsv", tmp_path):
        with pytest.raises(LstmAsciiError, match=f"{path}: .*; expected a file of pairs") as raised:
            agreement_report(str(path))
        assert raised.value.exit_code == 1


@pytest.mark.usefixtures("by_hand")
def test_a_file_that_fails_while_it_is_read_is_a_clean_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(io.BytesIO):
        def readline(self, *_):
            raise OSError(5, "Input/output error")

    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=Failing()))
    with pytest.raises(LstmAsciiError, match="standard input: Input/output error"):
        agreement_report("-")


@pytest.mark.usefixtures("by_hand")
def test_pairs_come_from_standard_input_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO((HEADER + "the cat\twas\twere\n").encode())))
    report = agreement_report("-")
    assert (report.file, report.pairs) == ("standard input", 1)


@pytest.mark.usefixtures("by_hand")
def test_standard_input_may_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(LstmAsciiError, match="standard input: there is none"):
        agreement_report("-")


@given(st.text(max_size=60))
def test_words_are_those_of_every_other_command(text: str) -> None:
    try:
        expected = words_of(text)
    except UsageError:
        expected = []
    assert list(agreement_pairs.split(text)) == expected


def test_it_is_told_how_far_a_large_file_has_been_read(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text("prefix\tright\twrong\n" + "the cat\twas\twere\n" * 20_000)
    shares: list[float] = []
    assert len(list(PairsFile(str(path), watch=lambda _, share: shares.append(share)))) == 20_000
    assert len(shares) > 50
    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.1 < 0.9 < shares[-1] <= 1
