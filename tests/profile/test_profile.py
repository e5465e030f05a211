"""What units do over a corpus is the same however it is cut, wherever it is read, and as plain arithmetic gives it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lstm_ascii import corpora, processes
from lstm_ascii.analysis.sketch import MEMORY_EDGES
from lstm_ascii.errors import FileError, LstmAsciiError
from lstm_ascii.reports.profile import reading
from lstm_ascii.reports.profile import report as profiles
from lstm_ascii.reports.profile.report import ProfileReport, profile_report
from lstm_ascii.sources import Source, trained

GRU = Source(model="gru")
LINES = [f"The {['cat', 'dogs', 'author'][n % 3]} that saw ( {n % 7} of ) the {['mouse', 'girls'][n % 2]} laughed ."
         for n in range(120)]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    texts = tmp_path / "texts"
    texts.mkdir()
    for number in range(6):
        (texts / f"{number}.txt").write_text("\n".join(LINES[20 * number : 20 * number + 20]) + "\n")
    (tmp_path / "whole.txt").write_text("\n".join(LINES) + "\n")
    return tmp_path


def of(*names: Path, **settings: str) -> ProfileReport:
    return profile_report(GRU, [str(name) for name in names], **settings)


def test_any_number_of_processes_gives_the_same_report_bit_for_bit(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for workers in (1, 2, 3):
        monkeypatch.setattr(processes, "cores", lambda: workers)  # noqa: B023 - it is called at once
        found.append(of(folder / "texts"))
    assert found[0] == found[1] == found[2]
    assert (found[0].lines, found[0].files) == (120, 6)


def test_figures_are_those_of_all_words_at_once(folder: Path) -> None:
    (layer,) = of(folder / "texts").layers
    network = trained("gru")
    states = []
    for line in LINES:
        ids = [network.vocabulary.read(word).index for word in network.vocabulary.words_of(line)]
        states.append(network.run(np.array(ids)[:, None]).traces[0][0].states["h"][1:, 0])
    memory = np.concatenate(states)
    widths = np.diff(MEMORY_EDGES)
    for unit in layer.units:
        values = memory[:, unit.unit]
        assert unit.memory.mean == pytest.approx(values.mean(), abs=1e-4)
        assert unit.memory.deviation == pytest.approx(values.std(), abs=1e-3)
        assert unit.memory.high == pytest.approx(values.max(), abs=1e-4)
        for share, value in zip(profiles.QUANTILES, unit.memory.quantiles, strict=True):
            near = widths[np.clip(np.searchsorted(MEMORY_EDGES, value) - 1, 0, len(widths) - 1)] * 1.01
            assert np.quantile(values, share, method="lower") - near <= value
            assert value <= np.quantile(values, share, method="higher") + near
        assert unit.highest[0].value == pytest.approx(values.max(), abs=1e-4)
        other, r = unit.twin or (0, 0.0)
        if not unit.dead:
            assert r == pytest.approx(np.corrcoef(values, memory[:, other])[0, 1], abs=1e-3)


def test_however_a_corpus_is_cut_the_counts_are_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "cores", lambda: 1)
    whole = of(folder / "whole.txt")
    monkeypatch.setattr(corpora, "BLOCK", 500)
    monkeypatch.setattr(corpora, "NEAR", 400)
    pieces = of(folder / "whole.txt")
    assert (pieces.lines, pieces.words) == (whole.lines, whole.words)
    for one, other in zip(whole.layers[0].units, pieces.layers[0].units, strict=True):
        assert other.memory.mean == pytest.approx(one.memory.mean, abs=1e-6)
        highest = [[place.value for place in some.highest] for some in (one, other)]
        assert highest[0] == pytest.approx(highest[1], abs=1e-6)


def test_a_reading_that_ended_early_goes_on_to_the_same_report(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "cores", lambda: 1)
    whole, kept = of(folder / "texts"), folder / "kept.profile"
    done: list[str] = []
    read = reading._read

    def fails_at_the_fifth(reader: reading.Reader, piece: corpora.TextPiece) -> reading.CorpusSketch | None:
        done.append(piece.file.name)
        if len(done) == 5:
            raise LstmAsciiError("is gone")
        return read(reader, piece)

    monkeypatch.setattr(reading, "_read", fails_at_the_fifth)
    with pytest.raises(LstmAsciiError, match="is gone"):
        of(folder / "texts", resume=str(kept))
    assert of(folder / "texts", resume=str(kept)) == whole
    assert len(done) == 5 + 2
    with pytest.raises(FileError, match="another network or another corpus"):
        of(folder / "whole.txt", resume=str(kept))
    (folder / "no.profile").write_bytes(b"nothing")
    with pytest.raises(FileError):
        of(folder / "whole.txt", resume=str(folder / "no.profile"))


def test_where_there_is_no_word_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("\n \n")
    with pytest.raises(LstmAsciiError, match="no word in it"):
        of(tmp_path / "empty.txt")


def test_a_unit_that_counts_is_chosen_for_it(folder: Path) -> None:
    (layer,) = of(folder / "whole.txt").layers
    reasons = [why for chosen in layer.chosen for why in chosen.why]
    assert len(set(reasons)) == len(reasons)
    assert {"longest memory", "shortest memory", "largest spread"} <= set(reasons)
    assert "distance" in reasons
