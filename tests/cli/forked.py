"""The program without its start: a process that has loaded it takes commands, and forks for each.

All that a run gets is its own: arguments, streams, environment, folder, and an end that nobody else sees. What only a
new interpreter reads, such as ``PYTHONIOENCODING`` or a library's kernels, is nothing for it.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from subprocess import PIPE, Popen
from tempfile import TemporaryDirectory
from typing import NoReturn

LONGEST = 300  # seconds of one run
STREAMS = ("stdin", "stdout", "stderr")  # files of the folder that the server is started in
APART = ("live", "tui", "library", "cluster", "local_workers", "__main__")  # what few runs need


class Server:
    """The process that has the program loaded, and the folder with the streams of its runs."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.folder = TemporaryDirectory()
        for name in STREAMS:
            self.file(name).touch()
        command = [sys.executable, "-m", "tests.cli.forked"]
        self.process = Popen(command, cwd=self.folder.name, env=environment, stdin=PIPE, stdout=PIPE, text=True)  # noqa: S603
        atexit.register(self.close)

    def file(self, name: str) -> Path:
        """Return the file of a stream."""
        return Path(self.folder.name) / name

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str], folder: str, stdin: bytes, stdout: str = ""
    ) -> tuple[int, bytes, bytes]:
        """Return the exit code of a run, and what it wrote; ``stdout`` is another file that gets its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.file("stdin").write_bytes(stdin)
        self.file("stdout").write_bytes(b"")
        command = {"arguments": arguments, "environment": environment, "folder": folder, "stdout": stdout or "stdout"}
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        code = int(self.process.stdout.readline())
        return code, self.file("stdout").read_bytes(), self.file("stderr").read_bytes()

    def close(self) -> None:
        """End the process, and remove the folder."""
        self.process.communicate()
        self.folder.cleanup()


def load() -> None:
    """Load the program as it loads itself."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import lstm_ascii

    for module in pkgutil.walk_packages(lstm_ascii.__path__, "lstm_ascii."):
        if module.name.split(".")[1] not in APART:
            import_module(module.name)
    gc.freeze()  # what is not looked at stays shared


def perform(arguments: Sequence[str], environment: Mapping[str, str], folder: str, stdout: str) -> NoReturn:
    """Be the program: in a process that was just forked."""
    from lstm_ascii.__main__ import main

    signal.alarm(LONGEST)
    for number, name in enumerate(("stdin", stdout, "stderr")):
        os.dup2(os.open(name, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_TRUNC), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[1:] = arguments
    try:
        main()
    except SystemExit as end:
        if "lstm_ascii.local_workers" in sys.modules:  # then Python tidies up
            raise
        with suppress(OSError):
            sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(end.code or 0))
    raise AssertionError("the program came back from its end")


def serve() -> None:
    """Fork for each command on standard input, a line of JSON; answer with its exit code."""
    load()
    with os.fdopen(os.dup(0)) as commands, os.fdopen(os.dup(1), "w") as codes:
        for command in commands:
            child = os.fork()
            if child == 0:
                commands.close()
                codes.close()
                perform(**json.loads(command))
            _, status = os.waitpid(child, 0)
            print(os.waitstatus_to_exitcode(status), file=codes, flush=True)


if __name__ == "__main__":
    serve()
