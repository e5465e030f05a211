"""The page of ``inspect``: the network as a tree, the metadata of the file, then one row for each tensor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from math import exp, log, log1p

from rich.cells import cell_len
from rich.text import Text

from lstm_ascii.render.branches import MOST_WORDS, Branch, branches
from lstm_ascii.render.figures import bar, fit, number, percent, plain
from lstm_ascii.render.glyphs import LEVELS
from lstm_ascii.render.grid import Column, Grid
from lstm_ascii.render.layout import HOME, by_width, paragraph
from lstm_ascii.render.parts import Table
from lstm_ascii.render.section import SPACE, Block, Drawing, Head, Page, Paragraph, Section, note, sentence
from lstm_ascii.reports.inspect import NO_NETWORK, InspectReport, NetworkFacts
from lstm_ascii.reports.tensors import TensorFacts

MOST_TEXTS = 8  # of the file about itself
_HEADS = ("mean", "sd", "min", "max")
_FIGURE = 6  # cells of a mean, and of its neighbours
_NAME, _SHAPE = 10, 5  # the fewest cells of a tensor's name and of its shape, beside its figures
_PARTS = ("part", "what it is", "parameters", "share")

_SHORT_TYPES = {"float": "f", "int": "i", "uint": "u", "bfloat": "bf", "complex": "c"}


def inspect_page(report: InspectReport, limit: int | None = None) -> Page:
    """Return the page of a report.

    Args:
        report: to draw.
        limit: the most tensors to show; ``None`` for all.
    """
    sections = [Section("Network", "what was made of it", _network(report))]
    if report.networks:
        sections.append(Section("Networks", "of which one is looked into", _networks(report)))
    if report.metadata:
        sections.append(Section("Metadata", "what the file says about itself", _metadata(report.metadata)))
    sections.append(Section("Tensors", "their numbers, and how these lie", _tensors(report.tensors, limit)))
    head = Head([Text(report.file, "word"), Text(contents_line(report), "note")])
    return Page(head, sections, (SPACE, Paragraph(forget_sentence(report)), Paragraph(closing(report))))


def _network(report: InspectReport) -> list[Block]:
    """The tree, the words and what was assumed; or why there is no network."""
    if report.problem and report.networks:
        return _without_network("not chosen", Text(f"None is chosen: {report.problem}"))
    if report.problem:
        return _without_network("not read", Text(f"It can't be read: {report.problem}", "verdict.bad"))
    if not report.cells:
        said = _without_network("none", Text(f"{NO_NETWORK}, only the tensors below."))
        return [*said, *(_remark(sentence(note)) for note in report.notes if note != f"{NO_NETWORK}.")]
    parts = list(branches(report))
    total = max(1, sum(part.parameters for part in parts))
    rows = tuple((part.name, "; ".join((part.what, *part.details)), part.parameters, part.parameters / total)
                 for part in parts)  # fmt: skip
    table = Table("network", _PARTS, rows, silent=True)
    spoken = [sentence(f"{part.name}: {percent(part.parameters / total)}; {'; '.join(part.lines)}") for part in parts]
    blocks: list[Block] = [Drawing(partial(_tree, parts, total), lambda: (table,), spoken)]
    remarks = [remark for remark in (words_line(report), *report.notes) if remark]
    if remarks:
        blocks.append(SPACE)
    return [*blocks, *map(_remark, remarks)]


def _remark(text: str) -> Paragraph:
    """Return what was assumed or left out."""
    return Paragraph(text, "note", hang=3, mark=Text("· ", "note"))


def _without_network(part: str, text: Text) -> list[Block]:
    """Say why there is no network; the table of its parts says so as well."""
    table = Table("network", _PARTS, ((part, text.plain, None, None),), silent=True)
    return [Paragraph(text), Drawing(lambda _: (), lambda: (table,))]


def _networks(report: InspectReport) -> list[Block]:
    """What there is to choose from, and what lies between; the one that was chosen is marked."""
    networks = report.networks
    rows = tuple((one.name, one.what, one.reads, "yes" if one.chosen else "") for one in networks)
    table = Table("networks", ("network", "what it is", "reads", "chosen"), rows, silent=True)
    spoken = [
        sentence(f"{one.name}: {one.what}, reads {one.reads}{', chosen' if one.chosen else ''}") for one in networks
    ]
    drawing = Drawing(partial(_listed_networks, networks), lambda: (table,), spoken)
    what = "Each is read on its own, on vectors where something stands ahead of it; --map rnn=NAME chooses."
    return [drawing, SPACE, Paragraph(what, "note")]


def _listed_networks(networks: Sequence[NetworkFacts], width: int) -> Iterator[Text]:
    """Draw a network as its name with what it is, and what it reads below."""
    for one in networks:
        head = Text.assemble((" ▶ " if one.chosen else " · ", "track"), (one.name, "title"))
        yield from paragraph(head, width, hang=3)
        yield from paragraph(Text(one.what), width, 3)
        yield from paragraph(Text(f"reads {one.reads}", "note"), width, 3)


def _tree(parts: Sequence[Branch], total: int, width: int) -> Iterator[Text]:
    """Draw a branch a part, with its share of all parameters."""
    name_width = max(cell_len(part.name) for part in parts)
    room = by_width(width, 0, 12, 24)
    for place, part in enumerate(parts):
        last = place == len(parts) - 1
        head = Text.assemble((" └─ " if last else " ├─ ", "track"), (fit(part.name, name_width), "title"), "  ")
        if room:
            share = part.parameters / total
            head.append_text(bar(share, room, "measure")).append(f" {percent(share):>4}  ", "note")
        trunk = Text("    " if last else " │  ", "track")
        yield from _hung(head, trunk, part.lines, width)


def _hung(head: Text, trunk: Text, lines: Iterable[str], width: int) -> Iterator[Text]:
    """Draw a branch: its head with the first line beside it, the others below, all beside the trunk."""
    first, *others = lines
    beside = width - head.cell_len
    if beside < 16:
        head.rstrip()
        yield head
        others = [first, *others]
        indent = 2
    else:
        folded = list(paragraph(Text(first), beside))
        head.append_text(folded[0])
        yield head
        others = [*(text.plain for text in folded[1:]), *others]
        indent = head.cell_len - folded[0].cell_len - trunk.cell_len if beside > HOME // 2 else 2
    for line in others:
        for text in paragraph(Text(line, "note"), width - trunk.cell_len - indent):
            yield Text.assemble(trunk, " " * indent, text)


def _metadata(texts: Sequence[tuple[str, str]]) -> list[Block]:
    """The first of the texts, a line each and cut where it ends; all of them in the table."""
    shown = texts[:MOST_TEXTS]
    longest = max(cell_len(text) for _, text in shown)
    column = Column("text", [text for _, text in shown], (), lambda text, size: Text(fit(text, size).rstrip()),
                    room=1, elastic=(1, max(1, longest)))  # fmt: skip
    table = Table("metadata", ("name", "text"), tuple(texts), read_out=range(len(shown)))
    grid = Grid("metadata", ("name",), [name for name, _ in shown], [column], style="note",
                most=lambda width: width // 3, split=False, tables=lambda: (table,))  # fmt: skip
    return [grid, *_left_out(len(texts) - len(shown), "--json")]


def _left_out(count: int, where: str) -> list[Block]:
    """Say on a drawing how many rows it leaves out, and where all of them are; texts count them by themselves."""
    text = f"… and {count:,} more; {where}"
    return [Drawing(lambda width: paragraph(Text(text, "note"), width, 1))] if count > 0 else []


def _tensors(tensors: Sequence[TensorFacts], limit: int | None) -> list[Block]:
    """The first of the tensors; all of them in the tables."""
    shown = tensors[:limit]
    if not shown:
        return [note("none")]
    columns = ("tensor", "role", "shape", "type", *_HEADS, "nan", "infinite")
    table = Table("tensors", columns, tuple(map(_row, tensors)), read_out=range(len(shown)))
    bins = tuple(f"bin {place}" for place in range(1, len(shown[0].histogram) + 1))
    counts = Table(
        "histograms", ("tensor", *bins), tuple((tensor.name, *tensor.histogram) for tensor in tensors), read_out=()
    )
    drawing = Drawing(lambda width: _grid(shown, width).lines(width), lambda: (table, counts))
    return [drawing, *_left_out(len(tensors) - len(shown), "all of them: | cat")]


def _row(tensor: TensorFacts) -> tuple[str | float | None, ...]:
    """Return a tensor as a row of a table."""
    name, role, shape = tensor.name, tensor.role or "not used", shape_of(tensor.shape)
    return (name, role, shape, tensor.dtype, *_spread(tensor), tensor.nan, tensor.infinite)


def _grid(tensors: Sequence[TensorFacts], width: int) -> Grid:
    """Return a row a tensor; names and shapes share what the figures leave of the line."""
    roles, shapes = [short_role(tensor) for tensor in tensors], [shape_of(tensor.shape) for tensor in tensors]
    label = max(3, *map(cell_len, roles)) + 1  # and the blank by which it stands farther from the name
    types = [short_type(tensor.dtype) for tensor in tensors]
    figures = [
        Column("type", types, ("",), lambda name, _: Text(name, "note"), room=max(map(cell_len, types))),
        *map(_figures, _HEADS, zip(*map(_spread, tensors), strict=True)),
        Column("histogram", tensors, ("min … max",), lambda tensor, _: _levels(tensor), room=len(tensors[0].histogram)),
    ]
    spare = width - 1 - label - sum(1 + column.room for column in figures) - 2
    widest = max(_SHAPE, *map(cell_len, shapes))
    names = max(_NAME, min(max(cell_len(tensor.name) for tensor in tensors), spare - widest))
    columns = [
        Column("tensor", tensors, draw=lambda tensor, _: Text(middle(tensor.name, names), _style(tensor)), room=names),
        Column("shape", shapes, room=min(widest, max(_SHAPE, spare - names)), right=True),
        *figures,
    ]
    return Grid("tensors", ("role",), roles, columns, style="title", least=label, window=HOME, gap=1, split=False,
                turn=partial(_stacked, tensors), below=lambda _, row, room: _broken(tensors[row], room, label + 2),
                )  # fmt: skip


def _spread(tensor: TensorFacts) -> tuple[float | None, ...]:
    """Return mean, deviation, smallest and largest."""
    return tensor.mean, tensor.deviation, tensor.smallest, tensor.largest


def _figures(name: str, values: Sequence[float | None]) -> Column:
    """Return a column of figures, nothing if there is none."""
    texts = [None if value is None else small(value) for value in values]
    room = max(_FIGURE, *(cell_len(text) for text in texts if text), 0)
    return Column(name, texts, room=room, right=True)


def _style(tensor: TensorFacts) -> str:
    """Return the style of a tensor's name: faint where nothing was made of it."""
    return "word" if tensor.role else "note"


def _stacked(tensors: Sequence[TensorFacts], _grid: Grid, row: int, width: int) -> Iterator[Text]:
    """Draw a tensor as its name, what it is, and its figures."""
    tensor = tensors[row]
    yield from paragraph(Text(tensor.name, _style(tensor)), width, 1, hang=3)
    what = f"{tensor.role or 'not used'} · {shape_of(tensor.shape)} · {short_type(tensor.dtype)}"
    yield from paragraph(Text(what, "note"), width, 3)
    if None not in (values := _spread(tensor)):
        mean, deviation, smallest, largest = (small(value) for value in values if value is not None)
        yield from paragraph(Text(f"mean {mean}, sd {deviation}, {smallest} to {largest}"), width, 3)
    if any(tensor.histogram):
        yield Text.assemble("   ", _levels(tensor))
    yield from _broken(tensor, width, 3)


def _broken(tensor: TensorFacts, width: int, indent: int) -> Iterator[Text]:
    """Say what is no number."""
    kinds = [f"{count:,} {name}" for count, name in ((tensor.nan, "NaN"), (tensor.infinite, "infinite")) if count]
    if kinds:
        yield from paragraph(Text(f"! {', '.join(kinds)}", "verdict.bad"), width, indent)


def small(value: float) -> str:
    """Write a number in at most six cells; what is not nothing is never shown as nothing."""
    if value and abs(value) < 0.005:
        return f"{value:.0e}".replace("e-0", "e-").replace("-", "−", value < 0)
    return plain(value, 2)


def middle(name: str, width: int) -> str:
    """Cut a name in its middle: the ends of tensors' names tell them apart."""
    if cell_len(name) <= width:
        return fit(name, width)
    tail = ""
    while cell_len(name[-len(tail) - 1 :]) <= (width - 1) * 2 // 3:
        tail = name[-len(tail) - 1 :]
    return fit(f"{fit(name, width - 1 - cell_len(tail)).rstrip('… ')}…{tail}", width)


def _levels(tensor: TensorFacts) -> Text:
    """Draw a histogram, the fullest part as high as it goes; a part with anything in it is seen."""
    most = max(tensor.histogram, default=0)
    text = Text(style="measure")
    for count in tensor.histogram:
        text.append(LEVELS[max(0, -(-count * len(LEVELS) // most) - 1)] if count else " ")
    text.rstrip()
    return text


def contents_line(report: InspectReport) -> str:
    """Say what the file is, and how much is in it."""
    types = Counter(tensor.dtype for tensor in report.tensors)
    kinds = ", ".join(name if len(types) == 1 else f"{name} ({count})" for name, count in types.most_common())
    tensors = f"{len(report.tensors):,} tensor{'s' * (len(report.tensors) != 1)}"
    parts = (report.format, tensors, f"{report.parameters:,} numbers", kinds, bytes_of(report.bytes))
    return " · ".join(part for part in parts if part)


def bytes_of(count: int) -> str:
    """Write a size: ``120 bytes``, ``24.4 kB``, ``180 MB``."""
    for power, unit in ((9, "GB"), (6, "MB"), (3, "kB")):
        if count >= 10**power:
            value = count / 10**power
            return f"{value:.0f} {unit}" if value >= 99.5 else f"{value:.1f} {unit}"
    return f"{count} bytes"


def shape_of(shape: tuple[int, ...]) -> str:
    """Write a shape: ``24×5``; a single number has none."""
    return "×".join(map(str, shape)) or "scalar"


def short_type(dtype: str) -> str:
    """Write a type: ``f32``, ``bf16``, ``i64``."""
    name = dtype.rstrip("0123456789")
    return _SHORT_TYPES[name] + dtype[len(name) :] if name in _SHORT_TYPES else dtype


def short_role(tensor: TensorFacts) -> str:
    """Write what a tensor is: ``emb``, ``1``, ``1←``, ``dec``, ``idx`` (shapes and places of a graph), else ``–``."""
    if tensor.role.startswith("layer "):
        return tensor.role.removeprefix("layer ").replace(" backward", "←")
    return {"embedding": "emb", "decoder": "dec", "answer": "ans", "constant": "idx"}.get(tensor.role, "–")


def words_line(report: InspectReport) -> str:
    """Say which words the network knows."""
    if not report.cells or not (report.embedding or report.decoder):
        return ""
    if report.vocabulary is None:
        return "the file tells no words: they are written as #0, #1, …; --vocab FILE gives them"
    some = " ".join(report.first_words[:MOST_WORDS])
    more = " …" if report.vocabulary > len(report.first_words) else ""
    return f"{report.vocabulary:,} words: {some}{more}"


def forget_sentence(report: InspectReport) -> str:
    """Say what the forget biases do to a memory that nothing else speaks to."""
    lives = []
    for cell in report.cells:
        if cell.forget_bias and abs(cell.forget_bias.mean) < 700:
            keeps = 1 / (1 + exp(-cell.forget_bias.mean))
            life = log(2) / log1p(exp(-cell.forget_bias.mean))  # ln 0.5 / ln σ(b)
            name = f"layer {cell.layer}{' backward' if cell.backward else ''}"
            lives.append(f"{number(life, 1)} word{'s' * (round(life, 1) != 1)} in {name} (each keeps {number(keeps)})")
    if not lives:
        return ""
    return f"By the mean forget bias alone, half of a memory is left after {', '.join(lives)}."


def closing(report: InspectReport) -> str:
    """Say where most of the numbers are, what is broken, and what is not used."""
    sentences = []
    parts = list(branches(report))
    if total := sum(part.parameters for part in parts):
        sizes: dict[str, int] = {}
        for part in parts:  # both directions of a layer together
            sizes[_whole(part.name)] = sizes.get(_whole(part.name), 0) + part.parameters
        sentences.append(_largest(sizes, total))
    broken = [tensor for tensor in report.tensors if tensor.nan or tensor.infinite]
    if broken:
        count = sum(tensor.nan + tensor.infinite for tensor in broken)
        are = "number is" if count == 1 else "numbers are"
        sentences.append(f"{count:,} {are} NaN or infinite, in {len(broken)} of {len(report.tensors)} tensors.")
    if report.cells:
        idle = [tensor for tensor in report.tensors if not tensor.role]
        are = "is" if len(idle) == 1 else "are"
        unused = f"{len(idle)} of {len(report.tensors)} tensors {are} not used, marked –."
        sentences.append(unused if idle else "Every tensor of the file is used.")
    return " ".join(sentences)


def _whole(name: str) -> str:
    """Return the part that a branch belongs to: all dense layers of the answer are one."""
    return "answer" if name.startswith("answer") else name


def _largest(sizes: dict[str, int], total: int) -> str:
    """Say which part has most of the numbers, or which have as many as each other."""
    most = max(sizes.values())
    names = [name if name.startswith("layer") else f"the {name}" for name, size in sizes.items() if size == most]
    share = percent(most / total)
    if len(names) == 1:
        return f"The largest part of the network is {names[0]}, with {share} of its {total:,} parameters."
    every = f"{', '.join(names[:-1])} and {names[-1]}"
    return f"The largest parts of the network are {every}, with {share} of its {total:,} parameters each."
