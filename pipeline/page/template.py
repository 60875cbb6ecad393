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
        raise TemplateError(f"template {error.name or template}, line {error.lineno}: {error.message}") from None
    except jinja2.TemplateNotFound as error:
        raise TemplateError(f"template {error.name} does not exist in {templates.name}/") from None
    except UnicodeDecodeError:
        raise TemplateError(
            f"a template that {template} uses is not UTF-8", hint="save the templates as UTF-8"
        ) from None
    except Exception as error:
        # Whatever a template does wrong, such as dividing by zero, is the template's fault.
        place = _template_place(error, templates)
        if place is None:
            raise
        name, line = place
        hint = f"the names it may use are {', '.join(values)}" if isinstance(error, jinja2.UndefinedError) else ""
        raise TemplateError(f"template {name}, line {line}: {error}", hint=hint) from None


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


def _template_place(error: Exception, templates: Path) -> tuple[str, int] | None:
    """Template and line where `error` was raised: Jinja2 rewrites the traceback to them."""
    place = None
    trace = error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.is_relative_to(templates):
            place = file.relative_to(templates).as_posix(), trace.tb_lineno
        trace = trace.tb_next
    return place
