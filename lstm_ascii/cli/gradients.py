"""``lstm-ascii gradients``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output
from lstm_ascii.cli.watching import watching
from lstm_ascii.errors import UsageError, argument
from lstm_ascii.render.gradients import SECTIONS

if TYPE_CHECKING:
    from lstm_ascii.progress import Watch
    from lstm_ascii.reports.gradients.report import GradientsReport

EXAMPLE = (
    "Examples: lstm-ascii gradients --steps 50; lstm-ascii gradients --explode --clip 1; "
    'lstm-ascii gradients --heatmap; lstm-ascii gradients "The cat that chased the mice was hungry."'
)

Sentence = Annotated[
    list[str] | None,
    typer.Argument(metavar="[SENTENCE]", help="Trained networks along these words, in place of random ones."),
]
Steps = Annotated[int | None, typer.Option("--steps", metavar="N", help="Steps to look back over (50).")]
Hidden = Annotated[int | None, typer.Option("--hidden", metavar="H", help="Units of each network (32).")]
Radius = Annotated[
    float | None,
    typer.Option(
        "--spectral-radius",
        metavar="R",
        help="Scale the recurrent weights of every gate to this spectral radius; by default only the RNN's, to 0.9, "
        "where --init isn't given either.",
    ),
]
Init = Annotated[
    str,
    typer.Option(
        "--init", metavar="NAME", show_default=False, help="Recurrent weights: uniform, orthogonal, identity, xavier."
    ),
]
Activation = Annotated[
    str, typer.Option("--activation", metavar="NAME", show_default=False, help="Of the RNN: tanh or relu.")
]
ForgetBias = Annotated[
    str,
    typer.Option(
        "--forget-bias",
        metavar="X",
        show_default=False,
        help="Of the LSTM: a number, or chrono: set for this many steps; several with commas are as many LSTMs "
        "(1,chrono).",
    ),
]
Scale = Annotated[
    float | None, typer.Option("--input-scale", metavar="S", help="Standard deviation of the inputs (1).")
]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", help="Of the random numbers (0).")]
Seeds = Annotated[
    int | None,
    typer.Option("--seeds", metavar="N", help="N networks of each kind in one batch: median and quartiles."),
]
Thresholds = Annotated[
    str,
    typer.Option("--thresholds", metavar="LOW,HIGH", help="Sizes below and above which it has vanished and exploded."),
]
Explode = Annotated[bool, typer.Option("--explode", help="Two RNNs: vanishing against exploding, side by side.")]
Clip = Annotated[
    float | None, typer.Option("--clip", metavar="C", help="Show what clipping the gradient to the length C does.")
]
Heatmap = Annotated[
    bool,
    typer.Option(
        "--heatmap",
        help="A map of the horizon: spectral radius by input scale for the RNN, forget bias by recurrent scale for "
        "the LSTM.",
    ),
]
DEFAULT_LENGTH = 1.0  # that the section on clipping clips to where --clip says no other
Views = Annotated[str, options.sections(SECTIONS)]


@options.answers
@options.spread
def gradients(
    sentence: Sentence = None,
    steps: Steps = None,
    cell: options.Cells = None,
    hidden: Hidden = None,
    spectral_radius: Radius = None,
    init: Init = "",
    activation: Activation = "",
    forget_bias: ForgetBias = "",
    input_scale: Scale = None,
    seed: Seed = None,
    seeds: Seeds = None,
    thresholds: Thresholds = "0.001,1000",
    explode: Explode = False,
    clip: Clip = None,
    heatmap: Heatmap = False,
    view: Views = "",
    resume: options.Resume = "",
    model: options.Model = "",
    vocab: options.Vocab = "",
    roles: options.Map = None,
    gates: options.Gates = "",
    given_input: options.Input = "",
    columns: options.Columns = "",
    window: options.Window = "",
    scale: options.Scale = "",
    feed: options.Feed = "",
    sequence: options.WhichSequence = 0,
    layer: options.Layer = None,
    direction: options.Direction = "",
    *,
    output: Output,
) -> None:
    """Show how a gradient travels back through an RNN, an LSTM and a GRU: vanishing, exploding or alive."""
    asked = _Asked(options.cells_of(cell), _pair(thresholds), _length(clip, view), options.chosen(SECTIONS, view))
    levers = _given(
        steps=steps, hidden=hidden, radius=spectral_radius, init=init, activation=activation,
        forget_biases=_biases(forget_bias), input_scale=input_scale, seed=seed, seeds=seeds,
    )  # fmt: skip
    of_file = _given(
        model=model, vocabulary=vocab, roles=tuple(roles or ()) or None, gates=gates, input=given_input,
        columns=columns, window=window, scale=scale, feed=feed, sequence=sequence or None, layer=layer,
        direction=direction,
    )  # fmt: skip
    words = " ".join(sentence) if sentence else None
    if heatmap:
        _refuse_beside_a_map(asked, words, explode, levers, of_file)
        _show_map(output, asked, levers, resume)
        return
    if explode and ("forget_biases" in levers or asked.cells):
        raise UsageError("--explode: compares two RNNs; it takes no --cell and no --forget-bias")

    from lstm_ascii.render.gradients.page import gradients_page

    if words is None and not of_file:
        with watching(output) as watch:
            report = _through_random(asked, levers, explode, watch, resume)
    else:
        _refuse_beside_words({**levers, **_given(explode=explode or None, resume=resume)}, of_file)
        report = _along_words(asked, words or "", levers, of_file)
    output.show(report, lambda shown, _: gradients_page(shown, asked.views))


class _Asked(NamedTuple):
    """What is asked of every network, random or trained."""

    cells: tuple[str, ...]
    thresholds: tuple[float, float]
    clip: float | None
    views: tuple[str, ...]

    @property
    def spectrum(self) -> bool:
        """Whether all Lyapunov exponents are asked for."""
        return "spectrum" in self.views


def _given(**parameters: Any) -> dict[str, Any]:
    """Return the parameters whose option was given; the others stay as they are by default."""
    return {name: value for name, value in parameters.items() if value is not None and value != ""}


def _pair(text: str) -> tuple[float, float]:
    """Read two thresholds."""
    try:
        low, high = map(float, text.split(","))
    except ValueError:
        raise UsageError(f"expected two numbers as LOW,HIGH, got {text}", "thresholds") from None
    return low, high


def _length(clip: float | None, view: str) -> float | None:
    """Return the length to clip to; the section that shows clipping needs one."""
    return DEFAULT_LENGTH if clip is None and "clip" in options.listed(view) else clip


def _biases(text: str) -> tuple[float | str, ...] | None:
    """Read forget biases, numbers or names; ``None`` where the option was not given."""
    return tuple(map(_bias, options.listed(text))) if text else None


def _bias(text: str) -> float | str:
    """Read a forget bias: a number, or a name."""
    try:
        return float(text)
    except ValueError:
        return text


def _through_random(
    asked: _Asked, levers: dict[str, Any], explode: bool, watch: Watch | None, resume: str
) -> GradientsReport:
    """Measure random networks."""
    from lstm_ascii.cells import CELLS
    from lstm_ascii.reports.gradients.levers import Levers
    from lstm_ascii.reports.gradients.report import gradients_report

    turned = Levers(cells=asked.cells or tuple(CELLS), thresholds=asked.thresholds, **levers)
    return gradients_report(turned, explode, asked.clip, asked.spectrum, watch, resume)


def _refuse_beside_words(levers: dict[str, Any], of_file: dict[str, Any]) -> None:
    """Refuse what only random networks have, beside a sentence or a file."""
    strange = [name for name in levers if name != "activation" or "model" not in of_file]
    if strange:
        names = ", ".join(map(argument, strange))
        raise UsageError(f"{names}: of random networks; a sentence and --model are for trained ones")


def _along_words(asked: _Asked, sentence: str, levers: dict[str, Any], of_file: dict[str, Any]) -> GradientsReport:
    """Measure trained networks along a sentence."""
    from lstm_ascii.reports.gradients.report import sentence_report
    from lstm_ascii.sources import Source

    if of_file and not sentence.strip() and not {"input", "feed"} & of_file.keys():
        raise UsageError("along which words? Give a sentence, too", next(iter(of_file)))
    place = {name: value for name, value in of_file.items() if name in ("layer", "direction")}
    files = {name: value for name, value in of_file.items() if name not in place}
    source = Source(activation=levers.get("activation", ""), **files)
    return sentence_report(sentence, asked.cells, source, asked.thresholds, asked.clip, asked.spectrum, **place)


def _refuse_beside_a_map(
    asked: _Asked, words: str | None, explode: bool, levers: dict[str, Any], of_file: dict[str, Any]
) -> None:
    """Refuse what a map has none of, and what is on its axes."""
    beside = {argument("explode"): explode, argument("clip"): asked.clip is not None, argument("views"): asked.views,
              argument("seeds"): "seeds" in levers, "a sentence": words}  # fmt: skip
    for name in (*(name for name, value in beside.items() if value), *map(argument, of_file)):
        raise UsageError(f"{argument('heatmap')}: leave out {name}; a map has none")
    for name in levers:
        if name in ("radius", "input_scale", "forget_biases"):
            raise UsageError(f"{argument('heatmap')}: {argument(name)} is on an axis of the map; leave it out")


def _show_map(output: Output, asked: _Asked, levers: dict[str, Any], resume: str) -> None:
    """Measure and draw maps."""
    from lstm_ascii.render.gradients.maps import maps_page
    from lstm_ascii.reports.gradients.levers import Levers
    from lstm_ascii.reports.gradients.maps import MAP_STEPS, maps_report

    settings = {"steps": MAP_STEPS, **levers}
    turned = Levers(cells=asked.cells or ("rnn", "lstm"), thresholds=asked.thresholds, **settings)
    with watching(output) as watch:
        report = maps_report(turned, watch, resume=resume)
    output.show(report, lambda shown, _: maps_page(shown))
