"""``lstm-ascii gradients``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output
from lstm_ascii.cli.watching import watching
from lstm_ascii.errors import UsageError
from lstm_ascii.render.gradients import SECTIONS

if TYPE_CHECKING:
    from lstm_ascii.reports.gradients.levers import Levers
    from lstm_ascii.reports.gradients.report import GradientsReport, Watch

LEVERS = {
    "--steps": "steps",
    "--hidden": "hidden",
    "--spectral-radius": "radius",
    "--init": "init",
    "--activation": "activation",
    "--input-scale": "input_scale",
    "--seed": "seed",
    "--seeds": "seeds",
}
EXAMPLE = (
    "Examples: lstm-ascii gradients --steps 50; lstm-ascii gradients --explode --clip; "
    'lstm-ascii gradients --map; lstm-ascii gradients "The cat that chased the mice was hungry."'
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
Clip = Annotated[bool, typer.Option("--clip", help="Show what clipping the gradient's length does.")]
ClipTo = Annotated[
    float | None, typer.Option("--clip-to", metavar="C", help="Clip to this length (1); implies --clip.")
]
Map = Annotated[
    bool,
    typer.Option(
        "--map",
        help="A map of the horizon: spectral radius by input scale for the RNN, forget bias by recurrent scale for "
        "the LSTM.",
    ),
]
Views = Annotated[str, options.sections(SECTIONS)]


@options.answers
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
    clip: Clip = False,
    clip_to: ClipTo = None,
    map_: Map = False,
    view: Views = "",
    model: options.Model = "",
    vocab: options.Vocab = "",
    given_input: options.Input = "",
    layer: options.Layer = None,
    direction: options.Direction = "",
    *,
    output: Output,
) -> None:
    """Show how a gradient travels back through an RNN, an LSTM and a GRU: vanishing, exploding or alive."""
    views = options.chosen(SECTIONS, view)
    length = (1.0 if clip_to is None else clip_to) if clip or clip_to is not None or "clip" in views else None
    asked = _Asked(options.cells_of(cell), thresholds, length, views, " ".join(sentence) if sentence else None)
    given = _said({
        "--steps": steps, "--hidden": hidden, "--spectral-radius": spectral_radius, "--init": init,
        "--activation": activation, "--forget-bias": forget_bias, "--input-scale": input_scale, "--seed": seed,
        "--seeds": seeds, "--explode": explode, "--map": map_,
    })  # fmt: skip
    of_file = _said({
        "--model": model, "--vocab": vocab, "--input": given_input, "--layer": layer, "--direction": direction,
    })  # fmt: skip
    if map_:
        _show_map(output, asked, given, of_file)
    else:
        _show(output, asked, given, of_file)


class _Asked(NamedTuple):
    """What is asked of every network."""

    cells: tuple[str, ...]
    thresholds: str
    clip: float | None
    views: tuple[str, ...]
    sentence: str | None

    @property
    def spectrum(self) -> bool:
        """Whether all Lyapunov exponents are asked for."""
        return "spectrum" in self.views


def _said(values: dict[str, Any]) -> dict[str, Any]:
    """Return the options that were given, by name."""
    return {name: value for name, value in values.items() if value is not None and value is not False and value != ""}


def _show(output: Output, asked: _Asked, given: dict[str, Any], of_file: dict[str, Any]) -> None:
    """Measure and draw networks: along a sentence, or random ones."""
    if "--explode" in given and ("--forget-bias" in given or asked.cells):
        raise UsageError("--explode: compares two RNNs; it takes no --cell and no --forget-bias")

    from lstm_ascii.render.gradients.page import gradients_page

    with watching(output) as watch:
        if asked.sentence is not None or of_file:
            report = _along_words(asked, given, of_file)
        else:
            report = _through_random(asked, given, watch)
    output.show(report, lambda shown, _: gradients_page(shown, asked.views))


def _through_random(asked: _Asked, given: dict[str, Any], watch: Watch | None) -> GradientsReport:
    """Measure random networks."""
    from lstm_ascii.reports.gradients.report import gradients_report

    return gradients_report(_levers(asked, given), "--explode" in given, asked.clip, asked.spectrum, watch)


def _refuse_beside_a_map(asked: _Asked, given: dict[str, Any], of_file: dict[str, Any]) -> None:
    """Refuse what a map has none of, and what is on its axes."""
    beside = {"--explode": "--explode" in given, "--clip": asked.clip is not None, "--view": asked.views,
              "--seeds": "--seeds" in given, "a sentence": asked.sentence}  # fmt: skip
    for name in (*(name for name, value in beside.items() if value), *of_file):
        raise UsageError(f"--map: leave out {name}; a map has none")
    for name in given:
        if name in ("--spectral-radius", "--input-scale", "--forget-bias"):
            raise UsageError(f"--map: {name} is on an axis of the map; leave it out")


def _levers(asked: _Asked, given: dict[str, Any], **defaults: Any) -> Levers:
    """Return the levers that were given; the others stay where they are."""
    from lstm_ascii.cells import CELLS
    from lstm_ascii.reports.gradients.levers import Levers

    values = {**defaults, **{LEVERS[option]: value for option, value in given.items() if option in LEVERS}}
    if "--forget-bias" in given:
        values["forget_biases"] = tuple(map(_bias, options.listed(given["--forget-bias"])))
    return Levers(cells=asked.cells or tuple(CELLS), thresholds=_pair(asked.thresholds), **values)


def _bias(text: str) -> float | str:
    """Read a forget bias: a number, or a name."""
    try:
        return float(text)
    except ValueError:
        return text


def _pair(text: str) -> tuple[float, float]:
    """Read two thresholds."""
    try:
        low, high = map(float, text.split(","))
    except ValueError:
        raise UsageError(f"--thresholds: expected two numbers as LOW,HIGH, got {text}") from None
    return low, high


def _along_words(asked: _Asked, given: dict[str, Any], of_file: dict[str, Any]) -> GradientsReport:
    """Measure trained networks along a sentence."""
    from lstm_ascii.reports.gradients.report import sentence_report

    sentence = asked.sentence or ""
    model = of_file.get("--model", "")
    activation = given.get("--activation", "") if model else ""
    strange = [name for name in given if name != "--activation" or not model]
    if strange:
        raise UsageError(f"{', '.join(strange)}: of random networks; a sentence and --model are for trained ones")
    if of_file and not sentence.strip() and "--input" not in of_file:
        raise UsageError(f"{next(iter(of_file))}: along which words? Give a sentence, too")
    source = options.source_of(
        {"model": model, "vocab": of_file.get("--vocab", ""), "input": of_file.get("--input", ""),
         "activation": activation}
    )  # fmt: skip
    return sentence_report(
        sentence, asked.cells, source, _pair(asked.thresholds), asked.clip, asked.spectrum,
        of_file.get("--layer"), of_file.get("--direction", ""),
    )  # fmt: skip


def _show_map(output: Output, asked: _Asked, given: dict[str, Any], of_file: dict[str, Any]) -> None:
    """Measure and draw maps."""
    _refuse_beside_a_map(asked, given, of_file)

    from lstm_ascii.render.gradients.maps import maps_page
    from lstm_ascii.reports.gradients.maps import MAP_STEPS, maps_report

    levers = _levers(asked._replace(cells=asked.cells or ("rnn", "lstm")), given,
                     **({} if "--steps" in given else {"steps": MAP_STEPS}))  # fmt: skip
    with watching(output) as watch:
        report = maps_report(levers, watch)
    output.show(report, lambda shown, _: maps_page(shown))
