"""Train a small classifier of sentences with Keras, for the guide and the tests, and keep it with its words.

Run ``python -m tests.checkpoints.make_sentiment`` where Keras and PyTorch are installed; it takes about a minute.
It reads sentences such as ``the film was not bad but the ending was dull``: the last judgement counts, and ``not``
turns it. The file says itself what is done with the outputs: the last one, a dense layer, a sigmoid.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

FILES = Path(__file__).with_name("files")
GOOD, BAD = ("good", "great", "lovely", "clever", "funny"), ("bad", "dull", "awful", "boring", "weak")
THINGS = ("film", "plot", "ending", "music", "acting")
WORDS = ("‹pad›", "the", "was", "not", "very", "but", "and", ".", *THINGS, *GOOD, *BAD)
SENTENCES, LONGEST = 6000, 24


def sentence(random: np.random.Generator) -> tuple[list[str], int]:
    """Return a sentence of one to three judgements, and whether the last one is good."""
    words: list[str] = []
    for clause in range(random.integers(1, 4)):
        words += [str(random.choice(["but", "and"]))] if clause else []
        words += ["the", str(random.choice(THINGS)), "was"]
        negated, good = random.random() < 0.4, random.random() < 0.5
        words += ["not"] * negated + ["very"] * (random.random() < 0.3)
        words.append(str(random.choice(GOOD if good else BAD)))
    return [*words, "."], int(good != negated)


def main() -> None:
    """Train it, and write it with its words."""
    os.environ["KERAS_BACKEND"] = "torch"
    import keras

    keras.utils.set_random_seed(0)
    random = np.random.default_rng(0)
    drawn = [sentence(random) for _ in range(SENTENCES)]
    ids, labels = np.zeros((SENTENCES, LONGEST), int), np.array([label for _, label in drawn], float)
    for row, (words, _) in zip(ids, drawn, strict=True):
        row[: len(words)] = [WORDS.index(word) for word in words]
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((None,), dtype="int32"), layers.Embedding(len(WORDS), 8, mask_zero=True), layers.LSTM(12),
        layers.Dropout(0.1), layers.Dense(1, activation="sigmoid"),
    ])  # fmt: skip
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    model.fit(ids, labels, batch_size=128, epochs=12, validation_split=0.1, verbose=2)
    slim = keras.Sequential(model.layers)  # without the optimiser
    slim.build((None, None))
    slim.save(FILES / "sentiment.keras")
    (FILES / "sentiment.words.txt").write_text("\n".join(WORDS) + "\n", "utf-8")


if __name__ == "__main__":
    main()
