"""What all tests share: the same examples on every machine, and snapshots that a reader can open."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import HealthCheck, settings
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

for name in ("SIGINT", "SIGHUP"):  # ignored in the background of a shell, or below nohup; programs would inherit that
    if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) is signal.SIG_IGN:
        signal.signal(getattr(signal, name), lambda *_: None)

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


class TextFile(SingleFileSnapshotExtension):
    """A plain text a case, ``__snapshots__/test_module/test_name.txt``."""

    file_extension = "txt"
    _write_mode = WriteMode.TEXT


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Compare with a text file of its own."""
    return snapshot.use_extension(TextFile)
