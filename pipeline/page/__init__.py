"""page inputs + parsed lesson -> the HTML of a page.

    fill.py       the lesson's links, now that it is known where they lead
    tables.py     its tables, by the length of what is in them
    formulas.py   signs beside its formulas
    frame.py      what stands around every page
    metadata.py   what the page says of itself to search engines
    context.py    the names a template may use
    blocks.py     blocks of templates that are shown nowhere
    template.py   Jinja2

A page passes them in this order.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.page.context import build_context
from pipeline.page.template import forget_templates, keep_compiled, ready_template, render_template
from pipeline.values import PageInputs, ParsedLesson

__all__ = ["forget_templates", "keep_compiled", "ready_template", "render_page"]


def render_page(inputs: PageInputs, lesson: ParsedLesson | None, templates: tuple[Path, ...]) -> str:
    """The HTML of a page; raises `TemplateError` with the template's name and line.

    `lesson` is None for a section without text of its own. `templates` are folders, only read: the
    first that has a template wins, the last holds the project's originals.
    """
    return render_template(templates, f"{inputs.template}.html", build_context(inputs, lesson))
