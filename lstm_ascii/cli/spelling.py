"""How the command line writes the parameters that errors name: as options and arguments of the command at hand."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from lstm_ascii.errors import LstmAsciiError, spelled

OPTIONS = {  # parameters whose option has another name than they
    "cells": "--cell",
    "forget_biases": "--forget-bias",
    "hidden_size": "--hidden",
    "most_words": "--vocabulary",
    "radius": "--spectral-radius",
    "roles": "--map",
    "timed": "--no-time",
    "views": "--view",
    "vocabulary": "--vocab",
}
at_hand: ContextVar[Any] = ContextVar("at_hand", default=None)  # the command that runs, or that failed


def message_of(error: LstmAsciiError) -> str:
    """Return what is wrong, as the command line says it."""
    return spelled(error.message, spelled_parameter)


def spelled_parameter(parameter: str, value: str = "") -> str:
    """Return a parameter as the command at hand takes it: ``--hidden``, ``--model FILE``, or ``FILE``."""
    option = OPTIONS.get(parameter, f"--{parameter.replace('_', '-')}")
    for one in at_hand.get().params if at_hand.get() else ():
        if one.param_type_name == "argument" and one.name == parameter:
            return metavar(one)
    return f"{option} {value}" if value else option


def metavar(argument: Any) -> str:
    """Return the name of an argument without what says whether it must be there: ``FILE`` of ``[FILE]``."""
    name: str = argument.metavar or (argument.name or "").upper()
    return name.replace("[", "").replace("]", "").rstrip(".")
