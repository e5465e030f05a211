"""``agreement`` on networks of any build: layers, directions, vocabularies and tokenizers of others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lstm_ascii.cells import RNN
from lstm_ascii.errors import UsageError
from lstm_ascii.language.vocabulary import UNKNOWN, Vocabulary
from lstm_ascii.layer import Direction
from lstm_ascii.network import Network
from lstm_ascii.render.agreement.page import agreement_page
from lstm_ascii.reports.agreement import report as agreement
from tests.agreement.conftest import follower
from tests.rendering import render

HEADER = "prefix\tright\twrong\n"
TWO = HEADER + "The cat\twas\twere\nthe mice that chased the cat\twas\twere\n"


def taller(model: Network) -> Network:
    """Put a second layer on top, which passes on the sign of what it reads."""
    top = Direction(RNN(np.array([[9.0]]), np.zeros((1, 1)), np.zeros(1), np.zeros(1)))
    return replace(model, layers=(*model.layers, (top,)))


def renamed(model: Network, **names: str) -> Network:
    """Give entries of the vocabulary other names."""
    words = tuple(names.get(word.strip("‹›"), word) for word in model.vocabulary.words)
    return replace(model, vocabulary=replace(model.vocabulary, words=words))


def test_networks_of_several_layers_are_asked_through_all_of_them(asked, monkeypatch: pytest.MonkeyPatch) -> None:
    one = asked(TWO).networks[0]
    monkeypatch.setattr(agreement, "open_networks", lambda *_: [taller(follower())])
    two = asked(TWO).networks[0]
    assert (two.right, two.total) == (one.right, one.total) == (2, 2)


@pytest.mark.parametrize(("part", "told"), [("decoder", "has no decoder"), ("forward", "also reads from the end")])
def test_a_network_that_names_no_next_word_is_refused(
    part: str, told: str, asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = follower()
    if part == "decoder":
        model = replace(model, decoder_weight=model.decoder_weight[:0], decoder_bias=model.decoder_bias[:0])
    else:
        (direction,) = model.layers[0]
        both = (direction, replace(direction, backward=True))
        model = replace(model, layers=(both,), decoder_weight=np.tile(model.decoder_weight, 2))
    monkeypatch.setattr(agreement, "open_networks", lambda *_: [model])
    with pytest.raises(UsageError, match=told):
        asked(TWO)


def test_words_read_as_the_one_entry_for_unknown_ones_are_told(asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "open_networks", lambda *_: [renamed(follower(), unknown="<unk>")])
    report = asked(HEADER + "The wug chased the cat\twas\twere\n")
    (network,) = report.networks
    assert (network.total, network.read_by_letters, network.unknown_as, network.unreadable) == (1, 1, "<unk>", 0)
    assert "is read as <unk>" in " ".join(render(agreement_page(report)).split())


def test_without_an_entry_for_unknown_words_such_pairs_are_counted_and_left_out(
    asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agreement, "open_networks", lambda *_: [renamed(follower(), unknown="dog")])
    report = asked(HEADER + "The wug\twas\twere\nThe cat\twas\twere\n")
    (network,) = report.networks
    assert (network.total, network.unreadable, network.unknown) == (1, 1, 0)
    assert "1 pair left out: another word is not in the vocabulary" in " ".join(render(agreement_page(report)).split())


def test_pairs_are_read_in_the_pieces_of_a_tokenizer(asked, monkeypatch: pytest.MonkeyPatch) -> None:
    model = follower()
    words = tuple(word if word == UNKNOWN else f"Ġ{word}" for word in model.vocabulary.words)

    def pieces(sentence: str) -> list[str]:
        return [f"Ġ{word}" for word in sentence.split()]

    own = replace(model, vocabulary=Vocabulary(words, splitter=pieces))
    monkeypatch.setattr(agreement, "open_networks", lambda *_: [own])
    (network,) = asked(HEADER + "the cat\twas\twere\nthe mice\twere\twas\nthe mice\teat\teats\n").networks
    assert (network.right, network.total, network.unknown, network.unknown_words) == (2, 2, 1, ("eat", "eats"))
