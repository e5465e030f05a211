"""Floats of HDF5 whose bits mean something else than this machine's are refused by name, not misread."""

from __future__ import annotations

import struct

import pytest

from lstm_ascii.checkpoints.formats.hdf5_data import _number_type


def float32(bits: int = 0x20, sign: int = 31) -> memoryview:
    """Return the message of a float32: ``bits`` say how its mantissa is written, ``sign`` where the sign stands."""
    return memoryview(bytes([0x11, bits, sign, 0]) + struct.pack("<LHHBBBBL", 4, 0, 32, 23, 8, 0, 23, 127))


def test_a_plain_float_is_read() -> None:
    assert _number_type(float32()) == "float32"
    assert _number_type(float32(0x21)) == "float32", "the other byte order"


@pytest.mark.parametrize("message", [float32(0x00), float32(0x10), float32(0x30), float32(0x60), float32(sign=0)])
def test_another_mantissa_sign_or_byte_order_is_not_read_as_a_plain_float(message: memoryview) -> None:
    assert _number_type(message) is None
