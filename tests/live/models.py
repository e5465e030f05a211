"""Ten models as people have them: each with a front end and a head of its own around its recurrent layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch")
nn = torch.nn
functional = torch.nn.functional
packing = torch.nn.utils.rnn


@dataclass
class Case:
    """A model, what it is called with, a number of what it gives, and its recurrent layers."""

    model: Any
    inputs: tuple[Any, ...]
    answer: Callable[[Any], Any]
    layers: tuple[str, ...]
    arguments: dict[str, Any] = field(default_factory=dict)
    call: Any = None


class CnnLstm(nn.Module):
    """A series through a convolution, then an LSTM, then the mean and a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.front = nn.Sequential(nn.Conv1d(3, 8, 3, padding=1), nn.BatchNorm1d(8), nn.ReLU(), nn.MaxPool1d(2))
        self.lstm = nn.LSTM(8, 12, batch_first=True)
        self.head = nn.Linear(12, 4)

    def forward(self, series: Any) -> Any:
        steps, _ = self.lstm(self.front(series).transpose(1, 2))
        return self.head(steps.mean(1))


class Crnn(nn.Module):
    """Text in pictures: columns of a picture as steps, two layers both ways, scores for CTC."""

    def __init__(self) -> None:
        super().__init__()
        self.cnn = nn.Sequential(nn.Conv2d(1, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d((2, 1)))
        self.rnn = nn.LSTM(6 * 4, 10, num_layers=2, bidirectional=True, dropout=0.3)
        self.out = nn.Linear(20, 7)

    def forward(self, pictures: Any) -> Any:
        columns = self.cnn(pictures).flatten(1, 2).permute(2, 0, 1)  # (T, B, D)
        return functional.log_softmax(self.out(self.rnn(columns)[0]), -1)


class Seq2Seq(nn.Module):
    """An encoder, and a decoder that is called a step at a time and attends to it."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20, 8)
        self.encoder = nn.GRU(8, 10, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(20, 10)
        self.decoder = nn.GRU(8 + 20, 10, batch_first=True)
        self.out = nn.Linear(10, 20)

    def forward(self, source: Any, steps: int = 5) -> Any:
        memory, ends = self.encoder(self.embedding(source))
        state = self.bridge(torch.cat([ends[0], ends[1]], -1)).tanh()[None]
        token, scores = source[:, :1], []
        for _ in range(steps):
            weights = (memory @ functional.pad(state[0], (0, 10))[:, :, None]).softmax(1)
            read = torch.cat([self.embedding(token), (weights * memory).sum(1, keepdim=True)], -1)
            given, state = self.decoder(read, state)
            scores.append(self.out(given[:, 0]))
            token = scores[-1].argmax(-1, keepdim=True)
        return torch.stack(scores, 1)


class BiLstmCrf(nn.Module):
    """A tagger whose head sums over all paths: the score of a CRF."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20, 8, padding_idx=0)
        self.lstm = nn.LSTM(8, 9, batch_first=True, bidirectional=True)
        self.tags = nn.Linear(18, 5)
        self.moves = nn.Parameter(torch.randn(5, 5))

    def forward(self, words: Any, lengths: Any) -> Any:
        packed = packing.pack_padded_sequence(self.embedding(words), lengths, batch_first=True, enforce_sorted=False)
        scores = self.tags(packing.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)[0])
        alpha = scores[:, 0]
        for step in range(1, scores.shape[1]):
            moved = (alpha[:, :, None] + self.moves).logsumexp(1) + scores[:, step]
            alpha = torch.where((step < lengths)[:, None], moved, alpha)
        return alpha.logsumexp(-1)


class Vae(nn.Module):
    """A variational autoencoder of sequences: what it draws must be the same in every run of a look."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.LSTM(4, 8, batch_first=True)
        self.mean, self.log_variance = nn.Linear(8, 3), nn.Linear(8, 3)
        self.start = nn.Linear(3, 8)
        self.decoder = nn.LSTM(4, 8, batch_first=True)
        self.out = nn.Linear(8, 4)

    def forward(self, series: Any) -> Any:
        _, (h, _) = self.encoder(series)
        mean, log_variance = self.mean(h[-1]), self.log_variance(h[-1])
        drawn = mean + torch.randn_like(mean) * (log_variance / 2).exp()
        h_0 = self.start(drawn)[None]
        before = functional.pad(series, (0, 0, 1, 0))[:, :-1]
        return self.out(self.decoder(before, (h_0, torch.zeros_like(h_0)))[0]), mean, log_variance


class Packed(nn.Module):
    """Sequences of many lengths, packed; the last state of each decides."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(5, 8, num_layers=2, bidirectional=True, proj_size=3)
        self.head = nn.Linear(6, 2)

    def forward(self, packed: Any) -> Any:
        _, (h, _) = self.rnn(packed)
        return self.head(torch.cat([h[-2], h[-1]], -1))


class CellLoop(nn.Module):
    """A loop over an LSTMCell by hand, which drops out of its state between steps."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(4, 6)
        self.plain = nn.RNNCell(6, 5, nonlinearity="relu")
        self.head = nn.Linear(5, 1)

    def forward(self, series: Any) -> Any:
        state, last = None, series.new_zeros(len(series), 5)
        for step in series.unbind(1):
            state = self.cell(step, state)
            last = self.plain(state[0], last)
            state = (functional.dropout(state[0], 0.25, self.training), state[1])
        return self.head(last)[:, 0]


class StackedGru(nn.Module):
    """Three layers and no bias, steps first, and nothing but the last output."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(4)
        self.gru = nn.GRU(4, 7, num_layers=3, bias=False, dropout=0.2)
        self.head = nn.Sequential(nn.Linear(7, 4), nn.Tanh(), nn.Linear(4, 1))

    def forward(self, series: Any) -> Any:
        return self.head(self.gru(self.norm(series))[0][-1])[:, 0]


class TiedLm(nn.Module):
    """A language model whose decoder is its embedding, and that keeps its state for next time."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Embedding(30, 10)
        self.rnn = nn.LSTM(10, 10, num_layers=2, batch_first=True)
        self.decoder = nn.Linear(10, 30)
        self.decoder.weight = self.encoder.weight
        self.state: Any = None

    def forward(self, ids: Any) -> Any:
        steps, self.state = self.rnn(self.encoder(ids), self.state)
        return self.decoder(steps)


class LitForecaster(nn.Module):
    """Shaped like a Lightning module: the network within, ``training_step`` gives the loss."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.ModuleDict({"rnn": nn.RNN(2, 6, nonlinearity="relu", batch_first=True), "head": nn.Linear(6, 1)})
        self.logged: dict[str, float] = {}

    def forward(self, series: Any) -> Any:
        return self.net["head"](self.net["rnn"](series)[0])

    def training_step(self, batch: tuple[Any, Any], number: int) -> Any:
        series, wanted = batch
        loss = functional.mse_loss(self(series), wanted)
        self.logged["loss"] = float(loss.detach()) + number
        return {"loss": loss}


def cnn_lstm() -> Case:
    return Case(CnnLstm(), (torch.randn(5, 3, 24),), lambda out: out[0, 3], ("lstm",))


def crnn() -> Case:
    return Case(Crnn(), (torch.randn(3, 1, 8, 11),), lambda out: out[4, 1, 2], ("rnn",))


def seq2seq() -> Case:
    ids = torch.randint(0, 20, (3, 7))
    return Case(Seq2Seq(), (ids,), lambda out: out[1, 4, 6], ("encoder", "decoder"), {"steps": 4 + 1})


def bilstm_crf() -> Case:
    words, lengths = torch.randint(1, 20, (4, 9)), torch.tensor([3, 9, 1, 6])
    return Case(BiLstmCrf(), (words, lengths), lambda out: out[1], ("lstm",))


def vae() -> Case:
    series = torch.randn(3, 6, 4)

    def loss(given: Any) -> Any:
        rebuilt, mean, log_variance = given
        return functional.mse_loss(rebuilt, series) - (1 + log_variance - mean**2 - log_variance.exp()).mean() / 2

    return Case(Vae(), (series,), loss, ("encoder", "decoder"))


def packed() -> Case:
    series = packing.pack_padded_sequence(torch.randn(8, 4, 5), [2, 8, 5, 1], enforce_sorted=False)
    return Case(Packed(), (series,), lambda out: out[2, 1] - out[2, 0], ("rnn",))


def cell_loop() -> Case:
    return Case(CellLoop(), (torch.randn(3, 6, 4),), lambda out: out[2], ("cell", "plain"))


def stacked_gru() -> Case:
    return Case(StackedGru(), (torch.randn(9, 2, 4),), lambda out: out[0], ("gru",))


def tied_lm() -> Case:
    ids = torch.randint(0, 30, (2, 8))
    loss = lambda out: functional.cross_entropy(out[:, :-1].flatten(0, 1), ids[:, 1:].flatten())  # noqa: E731
    return Case(TiedLm(), (ids,), loss, ("rnn",))


def lightning() -> Case:
    model, batch = LitForecaster(), (torch.randn(4, 7, 2), torch.randn(4, 7, 1))
    return Case(model, (batch, 0), lambda out: out["loss"], ("net.rnn",), call=model.training_step)


MAKERS = (cnn_lstm, crnn, seq2seq, bilstm_crf, vae, packed, cell_loop, stacked_gru, tied_lm, lightning)
