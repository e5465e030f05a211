"""The notebook of the guide runs from its first cell to its last, and shows what its page says."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from lstm_ascii import Look
from tests import notebook
from tests.readme import text_of


def test_it_is_its_page() -> None:
    assert notebook.NOTEBOOK.read_text("utf-8") == notebook.notebook(text_of(notebook.PAGE)), (
        "renew it: python -m tests.notebook"
    )


def test_its_cells_run_and_show_what_they_promise() -> None:
    pytest.importorskip("torch", reason="needs PyTorch")
    before, felt_before, after, felt_after, forget, influence = notebook.shown(text_of(notebook.PAGE))
    for seen in (before, after):
        assert isinstance(seen, Look)
        assert seen.agrees
        assert "THE GRADIENT" in seen._repr_mimebundle_()["text/plain"]
    assert felt_before < 1e-3  # next to nothing reaches the step that matters
    assert felt_after > 100 * felt_before
    assert forget[0] < 0.6 < 0.9 < forget[1]  # half open, then open
    assert influence.shape == (30,)
    assert np.isfinite(influence).all()


def test_it_runs_in_a_kernel() -> None:
    if not (find_spec("nbclient") and find_spec("ipykernel")):
        pytest.skip("needs nbclient and ipykernel")
    import nbformat
    from nbclient import NotebookClient

    made = nbformat.read(notebook.NOTEBOOK, as_version=4)
    NotebookClient(made, timeout=None, resources={"metadata": {"path": str(notebook.GUIDE)}}).execute()
    outputs = [output for cell in made.cells for output in cell.get("outputs", [])]
    assert sum("text/html" in output.get("data", {}) for output in outputs) == 2
