"""How the networks were trained, and what a step of that training would see on a sentence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstm_ascii.network import Network
from lstm_ascii.reports.material import Material
from lstm_ascii.training.recipe import RECIPES, writing_cost_alone


@dataclass(frozen=True)
class Training:
    """How the networks that come with the package were trained, and what a step on the sentence would see.

    Attributes:
        batch, length, steps: documents a step, words a document, steps.
        writing_cost: times what the LSTM writes at a word, in its loss; 0 where other networks pay, too.
        rate, warm_up, clip: Adam's rate at its peak, the steps until then, the longest gradient.
        words: V.
        parameters: of the whole network.
        loss: nats a word on the sentence; ``None`` without one of at least two words.
        gradient: its length there, before it is clipped.
    """

    batch: int
    length: int
    steps: int
    writing_cost: float
    rate: float
    warm_up: int
    clip: float
    words: int
    parameters: int
    loss: float | None
    gradient: float | None


def training_of(network: Network, material: Material) -> Training:
    """Return the recipe, and the loss and its gradient on the sentence."""
    from lstm_ascii.training.loop import cross_entropy  # with the corpora, which no other picture needs
    from lstm_ascii.training.optimiser import clip

    recipe, loss, length = RECIPES["lstm"], None, None
    if len(material.words) > 1:
        ids = np.array(network.vocabulary.ids(material.words), np.intp)[:, None]
        run = network.run(ids[:-1])
        logits = network.decode(run.outputs).astype(float)
        loss = cross_entropy(logits, ids[1:], np.ones(ids[1:].shape))  # turns the logits into their gradient
        length = clip(network.backward(run, logits), recipe.clip)
    return Training(
        batch=recipe.batch,
        length=recipe.length,
        steps=recipe.steps,
        writing_cost=writing_cost_alone("lstm"),
        rate=recipe.rate,
        warm_up=recipe.warm_up,
        clip=recipe.clip,
        words=len(network.vocabulary),
        parameters=sum(value.size for value in network.parameters.values()),
        loss=loss,
        gradient=length,
    )
