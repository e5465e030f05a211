"""All that networks computed on a pass, as arrays with names: the gates, the states, the gradients, the answer.

Every array has a row a word, or step, in the order in which these stand, whatever way a cell reads. Names begin with
the cell's where there are several networks (``lstm/``), then say the layer and the direction: ``layer1.forward.f``.

==================================  ======================================================================
``words``                           the words or the steps' names, ``(T,)``
``ids``                             their rows of the vocabulary, ``(T,)``; −1 for vectors
``layer1.forward.x``                what the layer reads, ``(T, D)``
``layer1.forward.f``, ``.i``, …     each gate and candidate by its letter in the equations, ``(T, H)``
``layer1.forward.a_f``, …           the sums that go into it, ``(T, H)``; of plain cells; the RNN's ``a``
``layer1.forward.c``, ``.h``        the states after each word, ``(T, H)``
``layer1.forward.c_start``, …       those that it started from, ``(H,)``
``layer1.forward.d_c``, ``.d_h``    the gradient of what is asked on them, by all paths, ``(T, H)``: c's with its way
                                    into the h of the same step
``outputs``                         of the last layer, ``(T, W)``
``logits``                          of a language model, ``(T, V)``, where that is no more than 2²⁴ numbers
``answer``                          of another network, ``(n,)``, or ``(T, n)`` where each step has its own
``answer_sums``                     what its last function reads, of the same shape
==================================  ======================================================================
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from lstm_ascii.analysis.gate_sums import gate_sums
from lstm_ascii.analysis.interventions import Contrast
from lstm_ascii.cells import Array
from lstm_ascii.errors import UsageError, argument
from lstm_ascii.network import Network, Place, Run
from lstm_ascii.reports.explain.answers import asked_of, loss_of_asked
from lstm_ascii.reports.explain.asking import numbered
from lstm_ascii.reports.explain.decision import answer as answer_of
from lstm_ascii.reports.explain.decision import question_for
from lstm_ascii.reports.explain.passes import Loss, loss_of
from lstm_ascii.reports.explain.view import DIRECTIONS, View
from lstm_ascii.reports.material import Material, open_material
from lstm_ascii.sources import Source

MOST_LOGITS = 1 << 24


def run_arrays(
    sentence: str,
    cells: Sequence[str] = (),
    contrast: str = "",
    source: Source | None = None,
    answer: str = "",
    word: str = "",
) -> dict[str, Array]:
    """Run networks over a sentence and return everything they computed, by name; see the module.

    Args:
        sentence: any text with at least one word.
        cells: which networks; by default all, or the one in the file.
        contrast: two words, or two outputs, whose difference the gradients are of.
        source: where the networks come from.
        answer: the output that the gradients are of, of a network that names no next word.
        word: the word or step that is asked, of an answer to each, by text or number; by default the last.

    Raises:
        UsageError: as :func:`lstm_ascii.reports.explain.report.explain_report`.
    """
    networks, material = open_material(sentence, cells, source or Source())
    arrays: dict[str, Array] = {"words": np.array(material.words)}
    number = numbered(word, material.words) if word else None
    for network in networks:
        prefix = f"{network.layers[0][0].cell.name.lower()}/" if len(networks) > 1 else ""
        arrays |= {f"{prefix}{name}": value for name, value in _of(network, material, contrast, answer, number)}
    return arrays


def _of(
    network: Network, material: Material, contrast: str, answer: str, word: int | None
) -> Iterator[tuple[str, Array]]:
    """Yield the arrays of one network."""
    run = material.run(network)
    yield "ids", run.ids[:, 0]
    places = [Place(n, way) for n, layer in enumerate(network.layers) for way in range(len(layer))]
    asked: Contrast | None = None
    views = [View(network, run, material, place) for place in places]
    if network.head is None and not views[0].no_choice:
        _, asked = answer_of(network, run, question_for(network, run, views[0].readings, contrast))
    elif network.head is None and (contrast or answer):
        raise UsageError(views[0].no_choice, "contrast" if contrast else "answer")
    if answer and network.head is None:
        raise UsageError(f"is for a network that names no next word; {argument('contrast', 'A:B')} asks of two words",
                         "answer")  # fmt: skip
    question = None if network.head is None else asked_of(network, run, answer, contrast, word)
    for view in views:
        loss = loss_of(view, asked) if question is None else loss_of_asked(view, question)
        name = f"layer{view.where.layer}.{DIRECTIONS[view.where.backward]}"
        yield from ((f"{name}.{part}", value) for part, value in _of_cell(view, loss))
    yield from _of_answer(network, run)


def _of_cell(view: View, loss: Loss) -> Iterator[tuple[str, Array]]:
    """Yield the arrays of one cell."""
    cell, trace = view.cell, view.trace
    yield "x", view.by_word(trace.x[:, 0])
    for letter, gate in trace.gates.items():
        yield letter, view.by_word(gate[:, 0])
    one = {letter: gate[:, 0] for letter, gate in trace.gates.items()}
    for letter, sums in gate_sums(cell, trace.x[:, 0], trace.states["h"][:-1, 0], one):
        yield letter if letter == "a" else f"a_{letter}", view.by_word(sums)
    direct = np.zeros(trace.h.shape)
    direct[: loss.last, 0] = loss.direct
    gradients = cell.backward(trace, {"h": direct}).states
    for name, state in trace.states.items():
        yield name, view.by_word(state[1:, 0])
        yield f"{name}_start", state[0, 0]
        yield f"d_{name}", view.by_word(gradients[name][1:, 0])


def _of_answer(network: Network, run: Run) -> Iterator[tuple[str, Array]]:
    """Yield the outputs and what is made of them."""
    yield "outputs", run.outputs[:, 0]
    if network.head is not None:
        sums = network.head.sums(run.outputs)
        sums = sums[:, 0] if network.head.pooling == "each" else sums[0]
        yield "answer_sums", sums
        yield "answer", network.head.squash(sums)
    elif network.has_decoder and len(run.outputs) * len(network.decoder_weight) <= MOST_LOGITS:
        yield "logits", network.decode(run.outputs[:, 0])
