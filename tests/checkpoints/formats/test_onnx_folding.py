"""Constants that a graph makes of others are what ONNX Runtime makes of them, to the last bit.

``python -m tests.checkpoints.formats.test_onnx_folding 5000 [FIRST]`` compares as many chains of operators.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from lstm_ascii.checkpoints.formats.detect import read_contents
from lstm_ascii.errors import FileError

CHAINS = int(os.environ.get("FUZZ_FOLDING", "400"))
BATCHES = 4
LONGEST = 6
FLOAT, INT64, HALF, BFLOAT, DOUBLE, INT32, BOOL = 1, 7, 10, 16, 11, 6, 9
Draw = np.random.Generator
Value = tuple[str, Any, int]  # name, the numbers for their shape, type


def pick(draw: Draw, values: Any) -> Any:
    return values[int(draw.integers(len(values)))]


class Chain:
    """Operators one behind the other, each on a value that was made before; shapes are followed with NumPy."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}
        self.values: list[Value] = []
        for _ in range(2):
            shape = tuple(int(size) for size in draw.integers(1, 5, int(draw.integers(1, 4))))
            self.values.append((self.constant(draw.normal(size=shape).astype(np.float32) * 9), np.zeros(shape), FLOAT))
        whole = draw.integers(-9, 9, (int(draw.integers(1, 5)),))
        self.values.append((self.constant(whole), whole, INT64))
        for _ in range(int(draw.integers(1, LONGEST + 1))):
            self.add()

    def constant(self, value: Any) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = np.asarray(value)
        return name

    def node(self, kind: str, inputs: list[str], like: Any, dtype: int, **attributes: Any) -> None:
        name = f"v{len(self.nodes)}"
        self.nodes.append(onnx.helper.make_node(kind, inputs, [name], **attributes))
        self.values.append((name, like, dtype))

    def add(self) -> None:
        """Add an operator."""
        draw = self.draw
        name, like, dtype = pick(draw, self.values[-3:])
        rank, kind = like.ndim, pick(draw, KINDS)
        axis = int(draw.integers(-rank, rank)) if rank else 0
        if kind in ("Cast", "Add", "Mul", "Sub", "Neg", "Shape"):
            self.reckoned(kind, name, like, dtype)
        elif kind in ("Transpose", "Reshape", "Unsqueeze", "Squeeze", "Expand", "Flatten"):
            self.shaped(kind, name, like, dtype)
        elif rank:
            self.along(kind, name, like, dtype, axis)

    def reckoned(self, kind: str, name: str, like: Any, dtype: int) -> None:
        """Add an operator that makes other numbers."""
        draw = self.draw
        if kind == "Cast":
            to = pick(draw, (FLOAT, HALF, BFLOAT, DOUBLE, INT64, INT32, FLOAT))
            self.node("Cast", [name], like, to, to=to)
        elif kind == "Shape":
            self.node("Shape", [name], np.zeros(like.ndim), INT64)
        elif dtype not in (FLOAT, INT64, DOUBLE):
            return
        elif kind == "Neg":
            self.node("Neg", [name], like, dtype)
        else:
            other = pick(draw, [value for value in self.values if value[2] == dtype and fits(value[1], like)])
            shape = np.broadcast_shapes(like.shape, other[1].shape)
            self.node(kind, [name, other[0]], np.zeros(shape), dtype)

    def shaped(self, kind: str, name: str, like: Any, dtype: int) -> None:
        """Add an operator that makes another shape."""
        draw, rank = self.draw, like.ndim
        if kind == "Transpose" and rank:
            order = [int(place) for place in draw.permutation(rank)]
            self.node("Transpose", [name], like.transpose(order), dtype, perm=order)
        elif kind == "Reshape" and like.size:
            sizes = pick(draw, ([-1], [0, -1], [1, -1, 1], list(like.shape)[::-1]))
            if rank or 0 not in sizes:
                after = [like.shape[place] if size == 0 else size for place, size in enumerate(sizes)]
                self.node("Reshape", [name, self.constant(np.array(sizes, np.int64))], like.reshape(after), dtype)
        elif kind == "Unsqueeze":
            axes = pick(draw, ([0], [-1], [0, -1], [rank]))
            self.node("Unsqueeze", [name, self.constant(np.array(axes))], np.expand_dims(like, tuple(axes)), dtype)
        elif kind == "Squeeze":
            self.node("Squeeze", [name], like.squeeze(), dtype)
        elif kind == "Expand":
            shape = (2, *like.shape)
            self.node("Expand", [name, self.constant(np.array(shape))], np.zeros(shape), dtype)
        elif kind == "Flatten" and like.size:
            self.node("Flatten", [name], like.reshape(int(np.prod(like.shape[:1])), -1), dtype)

    def along(self, kind: str, name: str, like: Any, dtype: int, axis: int) -> None:
        """Add an operator that works along an axis."""
        draw, size = self.draw, like.shape[axis]
        if kind == "Concat":
            self.node("Concat", [name, name], np.concatenate([like, like], axis), dtype, axis=axis)
        elif kind == "Gather" and size:
            places = draw.integers(-size, size, pick(draw, ((), (2,), (1, 3))))
            self.node("Gather", [name, self.constant(places)], like.take(places, axis), dtype, axis=axis)
        elif kind == "Tile":
            repeats = draw.integers(1, 3, like.ndim)
            self.node("Tile", [name, self.constant(repeats)], np.tile(like, repeats), dtype)
        elif kind == "Slice":
            ends = [-(1 << 63), -99, -3, -2, -1, 0, 1, 2, 3, 99, (1 << 63) - 1]
            step = pick(draw, (1, 2, -1, -2))
            parts = [self.constant(np.array([value])) for value in (pick(draw, ends), pick(draw, ends), axis, step)]
            begin, end = self.constants[parts[0]][0], self.constants[parts[1]][0]
            rest = np.zeros([1 if place == axis % like.ndim else n for place, n in enumerate(like.shape)])
            count = sliced(size, int(begin), int(end), step)
            self.node("Slice", [name, *parts], rest.repeat(count, axis), dtype)
        elif kind == "Split" and size > 1:
            sizes = [1, size - 1]
            first, second = np.split(like, [1], axis)
            number = len(self.nodes)
            outputs = [f"v{number}a", f"v{number}b"]
            inputs = [name, self.constant(np.array(sizes))]
            self.nodes.append(onnx.helper.make_node("Split", inputs, outputs, axis=axis))
            self.values += [(outputs[0], first, dtype), (outputs[1], second, dtype)]


KINDS = ("Cast", "Cast", "Transpose", "Reshape", "Unsqueeze", "Squeeze", "Add", "Mul", "Sub", "Neg", "Shape", "Expand",
         "Flatten", "Concat", "Gather", "Tile", "Slice", "Slice", "Split")  # fmt: skip


def fits(value: Any, like: Any) -> bool:
    """Tell whether two arrays can be reckoned with."""
    try:
        np.broadcast_shapes(value.shape, like.shape)
    except ValueError:
        return False
    return True


def sliced(size: int, begin: int, end: int, step: int) -> int:
    """Return how many places of an axis a slice takes, by the standard's own words."""
    end = -size - 1 if step < 0 and end == (1 << 63) - 1 else end
    places = [place + size if place < 0 else place for place in (begin, end)]
    low, high = (0, size) if step > 0 else (-1, size - 1)
    first = min(max(places[0], 0), high)
    return len(range(first, min(max(places[1], low), high), step))


def model(chain: Chain, nodes: list[Any], outputs: list[tuple[str, int]]) -> bytes:
    """Return a model of a chain."""
    info = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        nodes,
        "chain",
        [info("x", FLOAT, [1])],
        [info(name, dtype, None) for name, dtype in outputs],
        [onnx.numpy_helper.from_array(value, name) for name, value in chain.constants.items()],
    )
    domains = [onnx.helper.make_opsetid("", 17), onnx.helper.make_opsetid("test", 1)]
    return bytes(onnx.helper.make_model(graph, opset_imports=domains, ir_version=8).SerializeToString())


def reference(chain: Chain) -> dict[str, Any] | None:
    """Return the values as ONNX Runtime makes them, without a look at what could be done faster; half as float32."""
    nodes, outputs = list(chain.nodes), []
    for name, _, dtype in chain.values[3:]:
        wide = f"{name}_wide"
        nodes.append(onnx.helper.make_node("Cast", [name], [wide], to=FLOAT if dtype in (HALF, BFLOAT) else dtype))
        outputs.append((wide, FLOAT if dtype in (HALF, BFLOAT) else dtype))
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = 4
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        runner = onnxruntime.InferenceSession(model(chain, nodes, outputs), settings, ["CPUExecutionProvider"])
        values = runner.run(None, {"x": np.zeros(1, np.float32)})
    except Exception:  # an operator that it has not for this type
        return None
    return {name.removesuffix("_wide"): value for (name, _), value in zip(outputs, values, strict=True)}


def difference(number: int, folder: Path) -> str:
    """Compare one chain; empty where all values are the same."""
    chain = Chain(np.random.default_rng(number))
    expected = reference(chain)
    if expected is None or not chain.nodes:
        return "not computed"
    probe = onnx.helper.make_node("Probe", ["x", *expected], ["y"], domain="test")
    path = folder / "chain.onnx"
    path.write_bytes(model(chain, [*chain.nodes, probe], [("y", FLOAT)]))
    kinds = " ".join(node.op_type for node in chain.nodes)
    try:
        tensors = read_contents(path).graph.operations[-1].tensors
        for name, value in expected.items():
            ours = tensors.get(name)
            if ours is None or ours.shape != value.shape or ours.dtype != value.dtype:
                got = None if ours is None else (ours.shape, ours.dtype)
                return f"{name} of {kinds}: {got} for {value.shape} {value.dtype}"
            if not np.array_equal(ours, value, equal_nan=value.dtype.kind == "f"):
                return f"{name} of {kinds}: other numbers"
    except FileError as error:
        return f"{kinds}: {error}"
    return ""


@pytest.mark.parametrize("batch", range(BATCHES))
def test_constants_are_folded_as_onnx_runtime_computes_them(batch: int, tmp_path: Path) -> None:
    seen = {number: difference(number, tmp_path) for number in range(batch, CHAINS, BATCHES)}
    assert sum(wrong == "" for wrong in seen.values()) > len(seen) / 2, "most chains are compared"
    assert {number: wrong for number, wrong in seen.items() if wrong not in ("", "not computed")} == {}


def main() -> None:
    """Compare many chains and name those that differ."""
    count, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, first + count):
            wrong = difference(number, Path(folder))
            seen[wrong if wrong in ("", "not computed") else "differ"] += 1
            if wrong not in ("", "not computed"):
                print(number, wrong)
    print(f"{count} chains: {seen['']} equal, {seen['differ']} differ, {seen['not computed']} not computed")


if __name__ == "__main__":
    main()
