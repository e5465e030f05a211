"""``lstm-ascii guide``."""

from __future__ import annotations

from typing import Annotated

import typer

from lstm_ascii.cli import options
from lstm_ascii.cli.output import Output
from lstm_ascii.guide import TOPICS

EXAMPLE = "Examples: lstm-ascii guide; lstm-ascii guide explain; lstm-ascii guide own-networks --width 80 | less"

Topic = Annotated[
    str,
    typer.Argument(
        metavar="[TOPIC]",
        show_default=False,
        help=f"{', '.join(TOPICS)}; or a command; by default the list.",
        autocompletion=options.any_of(*TOPICS),
    ),
]


@options.answers
def guide(topic: Topic = "", *, output: Output) -> None:
    """Read the guide: a page a topic, with commands and what they print.

    On a terminal a page opens in the pager that PAGER names.
    """
    from lstm_ascii.render.guide import GuidePage
    from lstm_ascii.reports.guide import guide_report

    output.show(guide_report(topic), lambda shown, _: GuidePage(shown))
