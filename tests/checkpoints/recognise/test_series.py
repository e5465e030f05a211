"""Series are read from tables, arrays and pipes; what is no number is named by row and column, and never filled in."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from lstm_ascii.answer import Answer, Dense
from lstm_ascii.checkpoints.input_files import read_input
from lstm_ascii.errors import FileError, UsageError
from lstm_ascii.language.vocabulary import Vocabulary
from lstm_ascii.layer import Direction
from lstm_ascii.network import Network
from tests.numerics.random_cells import random_cell

TABLE = "date,open,close\n2024-01-02,1.5,-2\n2024-01-03,2e1,3\n2024-01-04,0,4.25\n"
VALUES = [[1.5, -2], [20, 3], [0, 4.25]]


@pytest.fixture
def network() -> Network:
    """Return a forecaster of two features."""
    head = Answer("last", (Dense(np.ones((1, 3)), np.zeros(1)),))
    cell = random_cell("lstm", 2, 3, 0)
    return Network(Vocabulary(()), np.zeros((0, 2)), ((Direction(cell),),), np.zeros((0, 3)), np.zeros(0), head=head)


def written(folder: Path, text: str, name: str = "series.csv") -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


@pytest.mark.parametrize(
    ("text", "steps"),
    [(TABLE, "2024-01-02 2024-01-03 2024-01-04"), (TABLE.replace(",", "\t"), "2024-01-02 2024-01-03 2024-01-04"),
     (TABLE.replace(",", ";"), "2024-01-02 2024-01-03 2024-01-04"), ("1.5,-2\n20,3\n0,4.25", "x1 x2 x3"),
     ("a,b\r\n1.5,-2\r\n\r\n20,3\r\n0,4.25\r\n", "x1 x2 x3"),
     ("\ufeffstep,a,b\n1,1.5,-2\n2,20,3\n3,0,4.25\n", "1 2 3")],
)  # fmt: skip
def test_a_table_is_read_with_the_names_of_its_steps(text: str, steps: str, network: Network, tmp_path: Path) -> None:
    given = read_input(written(tmp_path, text), network)
    assert given.vectors is not None
    assert given.vectors[:, 0].tolist() == VALUES
    assert " ".join(given.words) == steps


@pytest.mark.parametrize(
    ("text", "said"),
    [(TABLE.replace("2e1", "n/a"), r"row 3, column 2 \(open\): expected a number, got n/a$"),
     (TABLE.replace("4.25", ""), r"row 4, column 3 \(close\): expected a number, got nothing$"),
     (TABLE.replace("4.25", "nan"), r"row 4, column 3 \(close\): expected a number, got nan$"),
     (TABLE.replace(",4.25", ""), r"row 4 has 2 cells, the header has 3$"),
     ("1,2\n3,inf\n", r"row 2, column 2: expected a number, got inf$"),
     ("open,close\n", "a header and no rows"), ("\n\n", "no rows in it"),
     ("a,b,c\n1,2,3\n", r"3 columns of numbers \(a, b, c\), but the network reads 2; columns picks them$")],
)  # fmt: skip
def test_what_is_no_series_is_named(text: str, said: str, network: Network, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=said):
        read_input(written(tmp_path, text), network)


def test_columns_and_steps_are_picked(network: Network, tmp_path: Path) -> None:
    path = written(tmp_path, "t,a,b,c\n" + "".join(f"{n},{n},{2 * n},{3 * n}\n" for n in range(1, 9)))
    for columns, expected in (("c,a", [[24, 8]]), ("2,4", [[8, 24]])):
        given = read_input(path, network, columns, "last:1")
        assert given.vectors is not None
        assert given.vectors[:, 0].tolist() == expected
    assert read_input(path, network, "a,b", "2:4").words == ("2", "3", "4")
    assert read_input(path, network, "a,b", "first:2").words == ("1", "2")
    for columns, window, parameter in (("a,d", "", "columns"), ("a,9", "", "columns"), ("a,b", "last:9", "window"),
                                       ("a,b", "0:2", "window"), ("a,b", "x:2", "window")):  # fmt: skip
        with pytest.raises(UsageError, match=f"^{parameter}"):
            read_input(path, network, columns, window)


@pytest.mark.parametrize("shape", [(3, 2), (1, 3, 2)])
def test_arrays_are_read_from_npy_and_npz(shape: tuple[int, ...], network: Network, tmp_path: Path) -> None:
    x = np.array(VALUES, "f4").reshape(shape)
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "one.npz", series=x)
    np.savez(tmp_path / "two.npz", x=x, y=np.zeros(3))
    for name in ("x.npy", "one.npz", "two.npz"):
        given = read_input(tmp_path / name, network, "", "last:2")
        assert given.vectors is not None
        assert given.vectors[:, 0].tolist() == VALUES[1:]
    np.savez(tmp_path / "bad.npz", a=x, b=x)
    with pytest.raises(
        FileError, match="expected one array, or one named x or X or input or inputs or ids; there is a, b"
    ):
        read_input(tmp_path / "bad.npz", network)
    with pytest.raises(UsageError, match=r"^columns"):
        read_input(tmp_path / "x.npy", network, "1,2")


@pytest.mark.parametrize("kind", ["table", "npy"])
def test_a_pipe_is_read(kind: str, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO(TABLE.encode())
    if kind == "npy":
        file = io.BytesIO()
        np.save(file, np.array(VALUES))
        file.seek(0)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=file))
    given = read_input(Path("-"), network)
    assert given.vectors is not None
    assert given.vectors[:, 0].tolist() == VALUES
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO()))
    with pytest.raises(FileError, match="nothing came through standard input"):
        read_input(Path("-"), network)
