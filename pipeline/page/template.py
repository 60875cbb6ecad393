"""template + context -> HTML, through Jinja2."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from pipeline.errors import TemplateError
from pipeline.page.context import PageContext


def render_template(templates: Path, template: str, context: PageContext) -> str:
    """The HTML of a page; raises `TemplateError` with the template's name and line."""
    values = {field.name: getattr(context, field.name) for field in fields(context)}
    try:
        return _environment(str(templates)).get_template(template).render(values)
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(f"template {error.name or template}: {error.message}", line=error.lineno) from None
    except jinja2.TemplateNotFound as error:
        raise TemplateError(f"template {error.name} does not exist in {templates.name}/") from None
    except jinja2.UndefinedError as error:
        raise TemplateError(
            f"template {template}: {error.message}",
            line=_template_line(error, templates),
            hint=f"the names it may use are {', '.join(values)}",
        ) from None


@cache
def _environment(templates: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates, encoding="utf-8"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        cache_size=-1,
        auto_reload=False,
    )
    environment.globals = _GLOBALS
    return environment


def forget_templates() -> None:
    """Read the templates anew, for a process that builds more than once."""
    _environment.cache_clear()


_GLOBALS: dict[str, Any] = {
    name: value
    for name, value in jinja2.defaults.DEFAULT_NAMESPACE.items()
    if name in ("range", "dict", "namespace", "joiner", "cycler")
}
"""Jinja2's own helpers but `lipsum`, whose text is random: a build must be the same each time."""


def _template_line(error: Exception, templates: Path) -> int | None:
    """The line in the template where `error` was raised: Jinja2 rewrites the traceback to it."""
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith(str(templates)):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
