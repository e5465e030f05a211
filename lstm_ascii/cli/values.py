"""Parsing the values of parameters.

From 0.29 on Typer lets pydantic do that, which takes longer to load than a page to draw. Our parameters are texts and
numbers, so it need not be asked.
"""

from __future__ import annotations

from typing import Any

import typer

PLAIN = (str, int, float, bool)


class Plain:
    """In the place of Typer's own ``RuntimeParam``: of a text, a number, a flag, or a list of texts.

    Attributes:
        kind: the type of one value.
        is_list: whether there may be several.
    """

    def __init__(self, annotation: Any) -> None:
        """Take the annotation of the parameter."""
        self.is_list = annotation not in PLAIN
        self.kind = str if self.is_list else annotation

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the value.

        Raises:
            typer.BadParameter: it is no such number.
        """
        if value is None:
            return () if self.is_list else None
        return [self._one(one, param, ctx) for one in value] if self.is_list else self._one(value, param, ctx)

    def _one(self, value: Any, param: Any, ctx: Any) -> Any:
        try:
            return self.kind(value)
        except ValueError:
            message = f"{value!r} is not a valid {self.kind.__name__}."
            raise typer.BadParameter(message, ctx=ctx, param=param) from None


class Light:
    """A command, or a group of them, whose parameters need no pydantic."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, ``--help`` among them."""
        parameters: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for parameter in parameters:
            if hasattr(parameter, "_runtime_param"):  # from Typer 0.29 on
                _lighten(parameter)
        return parameters


def _lighten(parameter: Any) -> None:
    """Give a parameter our own way to its value, and to an argument's name no ``<list[str]>`` of Typer's."""
    annotation = parameter.type_descriptor.annotation
    if annotation in (*PLAIN, list[str]):
        parameter._runtime_param = Plain(annotation)
    if parameter.param_type_name == "argument":
        parameter.display_type_rich = _nothing


def _nothing(ctx: Any) -> str:
    del ctx
    return ""
