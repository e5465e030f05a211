"""The commands of the README and the guide with their output, the pictures, the manual page: made again and compared.

``python -m tests.readme`` writes all of them anew: what the commands print now, the pictures, the manual page.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory

from lstm_ascii.cli.app import app
from lstm_ascii.cli.manual import manual
from tests.cli.program import run

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
GUIDE = ROOT / "lstm_ascii" / "guide"
PAGES = (README, *sorted(GUIDE.glob("*.md")))
MANUAL = ROOT / "lstm_ascii" / "man" / "lstm-ascii.1"
PICTURES = {  # by what draws them
    ROOT / "tests" / "pictures" / f"{name}.svg": command
    for name, command in (
        ("explain", 'explain "The cat that chased the mice that ate the cheeses that sat on the tables was hungry."'),
        ("gradients", "gradients --steps 50 --view glance,bars"),
    )
}
BLOCK = re.compile(r"```console\n\$ (lstm-ascii [^\n]*)\n(.*?)```", re.DOTALL)


def blocks() -> list[tuple[str, str, str]]:
    """Return each command of the pages: the name of its page, the command, and the output that stands below it."""
    return [(page.name, command, shown) for page in PAGES for command, shown in BLOCK.findall(text_of(page))]


def text_of(page: Path) -> str:
    """Return the text of a page."""
    return page.read_text(encoding="utf-8")


def output_of(command: str) -> str:
    """Run a command of a page as it stands and return what it prints."""
    done = run(*shlex.split(command)[1:], cwd=ROOT)
    assert done.code == 0, done.complaint
    return done.text


def drawn(command: str) -> str:
    """Return the picture that a command draws now."""
    with TemporaryDirectory() as folder:
        picture = Path(folder) / "picture.svg"
        output_of(f"lstm-ascii {command} --export {picture}")
        return picture.read_text(encoding="utf-8")


def renewed(text: str) -> str:
    """Return the text of a page with what its commands print now."""
    return BLOCK.sub(lambda match: f"```console\n$ {match[1]}\n{output_of(match[1])}```", text)


def main() -> None:
    """Write the pages' outputs, the pictures and the manual page anew."""
    MANUAL.write_text(manual(app), encoding="ascii")
    for file, command in PICTURES.items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(drawn(command), encoding="utf-8")
    for page in PAGES:
        page.write_text(renewed(text_of(page)), encoding="utf-8")


if __name__ == "__main__":
    main()
