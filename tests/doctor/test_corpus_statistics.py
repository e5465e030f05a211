"""A text of any size is read once, whole, and in the same way however it is cut."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_ascii import corpora, processes
from lstm_ascii.analysis.activity import Range
from lstm_ascii.analysis.gates import flow
from lstm_ascii.cells import Array, Trace
from lstm_ascii.corpora import text_files
from lstm_ascii.errors import LstmAsciiError, UsageError
from lstm_ascii.language.text import words_of
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.network import Network
from lstm_ascii.reports import corpus
from lstm_ascii.reports.corpus import LONGEST
from lstm_ascii.reports.doctor.corpus_statistics import CorpusStatistics, file_statistics, line_statistics
from lstm_ascii.sources import WEIGHTS, Source, trained
from lstm_ascii.thresholds import CLOSED, FLAT_TANH, OPEN
from tests.analysis.networks import WORDS, stack

SOURCE = Source(model=str(WEIGHTS / "gru.safetensors"))
NETWORK = trained("gru")
LINES = ["The cat that chased the mice was hungry.", "", "The dogs bark.", "Blicket dax, they say!"] * 40


@settings(max_examples=30)
@given(st.lists(st.lists(st.floats(-5, 5), min_size=3, max_size=3), min_size=2, max_size=9), st.data())
def test_parts_measured_apart_add_up_to_the_whole(rows: list[list[float]], data: st.DataObject) -> None:
    values, cut = np.array(rows), data.draw(st.integers(0, len(rows)))
    whole, first, last = (
        Range.of(part[:, None], np.array([len(part)]), (0.9, 0.1)) for part in (values, values[:cut], values[cut:])
    )
    both = first + last
    for name in ("low", "high", "total", "squares", "above", "below"):
        np.testing.assert_allclose(getattr(both, name), getattr(whole, name), atol=1e-12)
    np.testing.assert_allclose(whole.mean(len(values)), values.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(whole.deviation(len(values)), values.std(axis=0), atol=1e-6)


def test_lines_side_by_side_are_read_as_each_by_itself() -> None:
    network = trained("gru")
    together = line_statistics(network, LINES)
    alone = line_statistics(network, LINES[:1])
    for line in LINES[1:]:
        if line:
            alone += line_statistics(network, [line])
    same(together, alone)


@pytest.mark.parametrize("chunk", [300, 1000, 1 << 20])
def test_a_file_in_chunks_is_read_as_its_lines_are(chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpora, "BLOCK", chunk)
    monkeypatch.setattr(corpora, "NEAR", 100)
    monkeypatch.setattr(processes, "cores", lambda: 1)
    path = tmp_path / "text.txt"
    path.write_text("\n".join(LINES))
    steps = []
    heard = file_statistics(SOURCE, NETWORK, text_files([str(path)]), lambda _, share: steps.append(share))
    same(heard, line_statistics(trained("gru"), LINES), rtol=1e-4)  # files are read in single precision
    assert steps[-1] == 1.0


def test_processes_hear_what_one_hears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpora, "BLOCK", 3000)
    path = tmp_path / "text.txt"
    path.write_text("\n".join(LINES))
    monkeypatch.setattr(processes, "cores", lambda: 2)
    several = file_statistics(SOURCE, NETWORK, text_files([str(path)]))
    monkeypatch.setattr(processes, "cores", lambda: 1)
    same(several, file_statistics(SOURCE, NETWORK, text_files([str(path)])), rtol=1e-6)


def test_a_text_without_line_ends_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpora, "BLOCK", 500)
    monkeypatch.setattr(corpora, "NEAR", 50)
    monkeypatch.setattr(processes, "cores", lambda: 1)
    path = tmp_path / "text.txt"
    path.write_text("The cat was hungry . " * 300)
    heard = file_statistics(SOURCE, NETWORK, text_files([str(path)]))
    assert heard.words == 5 * 300
    assert heard.lines == 1
    assert heard.pieces > 1500 // LONGEST


def test_what_was_looked_up_before_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts are kept from block to block; a word that opens a line is looked up as such, wherever it stood before."""
    lines = ["Dax the cats.", "the cats Dax .", "", "Dax's cats, dax!", "… Dax is"] * 3
    fresh = [line_statistics(NETWORK, [line]) for line in lines if line]
    again = [line_statistics(NETWORK, [line]) for line in reversed(lines) if line][::-1]
    monkeypatch.setattr(corpus, "MOST_PARTS", 0)
    anew = [line_statistics(NETWORK, [line]) for line in lines if line]
    for one, other, third in zip(fresh, again, anew, strict=True):
        same(one, other)
        same(one, third)
        assert one.samples == other.samples == third.samples


def test_lines_are_read_as_the_vocabulary_reads_their_words() -> None:
    lines = ["The wugs, blicked: 'dax'!", "It wasn't 1984 …", "  The   cats' ", "w" * 300]
    reading = corpus.read_lines(NETWORK, lines)
    met = dict[int, tuple[list[str], list[int]]]()
    for batch in reading.batches(NETWORK):
        for line, text, rows, length in zip(batch.lines, batch.texts, batch.rows.T, batch.lengths, strict=True):
            met[int(line)] = text, rows[:length].tolist()
    for line, (text, rows) in met.items():
        words = words_of(lines[line])
        assert text == words
        assert rows == [NETWORK.vocabulary.read(word, not k).index for k, word in enumerate(words)]
    assert len(met) == reading.pieces == len(lines)
    assert reading.unknown == sum(not NETWORK.vocabulary.read(word).known for text, _ in met.values() for word in text)


def ragged_lines() -> list[str]:
    """Return lines of 0 to 140 words, known and unknown ones, in no order."""
    bits = np.random.default_rng(0)
    return [" ".join(bits.choice([*"abcdefg", "wug", "Dax"], length)) for length in bits.permutation(141)]


@pytest.mark.parametrize("kind", [("lstm", "gru"), ("rnn",), ("gru-paper",)])
@pytest.mark.parametrize("numbers", [True, False])
def test_figures_are_those_of_every_word_by_plain_arithmetic(kind: tuple[str, ...], numbers: bool) -> None:
    """However lines are put side by side, and whichever way they are read: each word counts once, and nothing else."""
    network, lines = of_both_ways(*kind), ragged_lines()
    if not numbers:
        network.embedding[3] = np.nan
    with np.errstate(invalid="ignore"):
        heard = line_statistics(network, lines)
        values: list[dict[str, list[Array]]] = [{} for _ in heard.activities]
        ids = [[network.vocabulary.read(word, not k).index for k, word in enumerate(line.split())] for line in lines]
        for piece in (line[first : first + LONGEST] for line in ids for first in range(0, len(line), LONGEST)):
            traces = [trace for layer in network.run(np.array(piece)[:, None]).traces for trace in layer]
            for trace, of_direction in zip(traces, values, strict=True):
                for name, states in quantities(trace).items():
                    of_direction.setdefault(name, []).append(states[:, 0])
        for activity, of_direction in zip(heard.activities, values, strict=True):
            whole = {name: np.concatenate(parts) for name, parts in of_direction.items()}
            assert activity.ranges.keys() == whole.keys()
            assert activity.count == sum(map(len, ids)) == heard.words
            bad = [~np.isfinite(whole[name]).all(axis=1) for name in ("h", "memory") if name in whole]
            assert activity.not_numbers == np.logical_or.reduce(bad).sum()
            assert bool(activity.not_numbers) != numbers
            for name, found in activity.ranges.items():
                limits = None if name == "h" and "memory" in whole else LIMITS.get(name, (OPEN, CLOSED))
                assert_measured(found, whole[name], limits)


FLAT = float(np.arctanh(FLAT_TANH))
LIMITS = {"h": (FLAT_TANH, -FLAT_TANH), "memory": (FLAT, -FLAT)}


def quantities(trace: Trace) -> dict[str, Array]:
    """Return all that is measured of a pass, each ``(T, B, H)``."""
    parts = flow(trace)
    found = {} if parts is None else {name: getattr(parts, name) for name in ("keep", "add", "show")}
    return found | {{"h": "h", "c": "memory"}[name]: states[1:] for name, states in trace.states.items()}


def assert_measured(found: Range, values: Array, limits: tuple[float, float] | None) -> None:
    """Compare what was measured with values ``(N, H)``."""
    close = partial(np.testing.assert_allclose, rtol=1e-12, atol=1e-12)
    close(found.total, values.sum(axis=0))
    close(found.squares, (values * values).sum(axis=0))
    if limits is None:
        assert np.isnan([found.low, found.high, found.above, found.below]).all()
        return
    above, below = limits
    close(found.low, values.min(axis=0))
    close(found.high, values.max(axis=0))
    np.testing.assert_array_equal(found.above, (values > above).sum(axis=0))
    np.testing.assert_array_equal(found.below, (values < below).sum(axis=0))


def of_both_ways(*kinds: str) -> Network:
    """Return a network of layers that read both ways, with an entry for unknown words."""
    network = stack(*(kind.removesuffix("-paper") for kind in kinds), both_ways=True)
    if kinds == ("gru-paper",):  # no plain cell
        layers = [
            [replace(one, cell=replace(one.cell, reset_after=False)) for one in layer] for layer in network.layers
        ]
        network = replace(network, layers=tuple(map(tuple, layers)))
    return replace(network, vocabulary=Vocabulary((*WORDS[:-1], "<unk>")))


def test_a_long_line_is_one_line_in_pieces() -> None:
    heard = line_statistics(trained("gru"), ["the cat " * LONGEST, "the dogs bark ."])
    assert (heard.lines, heard.pieces) == (2, 3)
    assert max(map(len, heard.samples)) == LONGEST


def test_words_that_cannot_be_read_are_counted_wherever_they_stand() -> None:
    heard = line_statistics(numbered(), ["the cat"] * 100 + ["#1 #2 #3"])
    assert (heard.lines, heard.words, heard.skipped) == (101, 3, 200)


def test_where_nobody_told_the_words_the_way_to_give_them_is_named(tmp_path: Path) -> None:
    numbers = numbered()
    last = len(numbers.vocabulary) - 1
    with pytest.raises(UsageError, match=f"give them with vocabulary, or write numbers from #0 to #{last}"):
        line_statistics(numbers, ["the cat was"])
    (tmp_path / "text.txt").write_text("the cat was\n")
    with pytest.raises(LstmAsciiError, match=r"no word in it that the network can read: .* with vocabulary"):
        file_statistics(SOURCE, numbers, text_files([str(tmp_path / "text.txt")]))


def test_bytes_that_are_no_text_are_read_as_unknown_words(tmp_path: Path) -> None:
    path = tmp_path / "text.bin"
    path.write_bytes(b"The cat \xff\xfe was hungry.\r\n\x01\x1b[31m")
    assert file_statistics(SOURCE, NETWORK, text_files([str(path)])).words > 4
    path.write_bytes(b"The cat \x00 was hungry.")
    with pytest.raises(LstmAsciiError, match="it has zero bytes"):
        text_files([str(path)])


def test_nothing_to_read_is_said(tmp_path: Path) -> None:
    for nothing in ("\n \n", ""):
        (tmp_path / "empty.txt").write_text(nothing)
        with pytest.raises(LstmAsciiError, match="no word in it"):
            file_statistics(SOURCE, NETWORK, text_files([str(tmp_path / "empty.txt")]))
    with pytest.raises(UsageError, match="no word in the text"):
        line_statistics(trained("gru"), [" "])


def numbered() -> Network:
    """Return a network whose words nobody told."""
    return replace(trained("gru"), vocabulary=Vocabulary.of_numbers(len(trained("gru").vocabulary)))


def same(one: CorpusStatistics, other: CorpusStatistics, rtol: float = 1e-9) -> None:
    """Compare what was heard."""
    for name in ("lines", "pieces", "words", "unknown", "skipped"):
        assert getattr(one, name) == getattr(other, name), name
    np.testing.assert_array_equal(one.met, other.met)
    for here, there in zip(one.activities, other.activities, strict=True):
        assert here.count == there.count
        for name, found in here.ranges.items():
            expected = there.ranges[name]
            np.testing.assert_allclose(found.total, expected.total, rtol=rtol, atol=1e-3)
            np.testing.assert_allclose(found.low, expected.low, rtol=rtol, atol=1e-4)
            np.testing.assert_allclose(found.high, expected.high, rtol=rtol, atol=1e-4)
