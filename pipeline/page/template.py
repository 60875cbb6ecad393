"""template + context -> HTML, through Jinja2."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from inspect import get_annotations
from pathlib import Path
from typing import Any, dataclass_transform
from zlib import crc32

import jinja2
from jinja2.bccache import Bucket
from markupsafe import escape

from pipeline.errors import TemplateError
from pipeline.locale import is_right_to_left, read_course_catalogue, translator
from pipeline.paths import DEFAULT_PREFIX, TEMPLATE_ENDINGS, show_template
from pipeline.patterns import lazy_pattern

_WORD_RE = lazy_pattern(r"""\{\{ _\("([^"\\\n]+)"\) \}\}""")


_KEPT = "pages made from it keep their last good version until it is mended"


@dataclass_transform(eq_default=False, kw_only_default=True)
class Context:
    """What a template is given: the fields of a sub-class are the names it may use. A dataclass would take some
    0.5 ms to define at every start.

    `language` is that of the interface.
    """

    language: str

    def __init__(self, **values: Any) -> None:
        kind: Any = type(self)
        assert values.keys() == names_of(kind)
        self.__dict__.update(values)


@cache
def names_of(kind: type[Any]) -> frozenset[str]:
    """The names that a template may use which is given this kind of `Context`."""
    return frozenset(name for each in kind.__mro__ for name in get_annotations(each))


def render_template(templates: tuple[Path, ...], template: str, context: Context) -> str:
    """The HTML of a page; raises `TemplateError` with the template's name and line.

    `templates` are folders: the first that has a template wins, the last holds the originals.
    """
    values = context.__dict__
    try:
        return _environment(templates, context.language, *_COMPILED).get_template(template).render(values)
    except jinja2.TemplateSyntaxError as error:
        file = _place_of(Path(error.filename or ""), templates) or show_template(
            templates[-1], error.name or template, templates
        )
        raise TemplateError(f"{error.message}", line=error.lineno, hint=_KEPT, path=file) from None
    except jinja2.TemplateNotFound as error:
        # A lesson may name any template in its front matter; a template that names another is at fault itself.
        file, line = _template_place(error, templates) or ("", None)
        message = f"template {error.name} does not exist"
        raise TemplateError(message, line=line, hint=_where(templates), path=file) from None
    except RecursionError as error:
        file, line = next(_template_places(error, templates), ("", None))  # the last is where the stack is full
        hint = f'to build on the project\'s own, name "{DEFAULT_PREFIX}/{template}"'
        raise TemplateError(f"{template} extends or includes itself", line=line, hint=hint, path=file) from None
    except UnicodeDecodeError:
        file, line = _first_not_utf8(templates)
        message = "not UTF-8" if file else f"a template that {template} uses is not UTF-8"
        raise TemplateError(message, line=line, hint="save the template as UTF-8", path=file) from None
    except Exception as error:
        # Whatever a template does wrong, such as dividing by zero, is the template's fault.
        place = _template_place(error, templates)
        if place is None:
            raise
        file, line = place
        hint = f"the names it may use are {', '.join(values)}" if isinstance(error, jinja2.UndefinedError) else _KEPT
        raise TemplateError(f"{error}", line=line, hint=hint, path=file) from None


@cache
def _environment(templates: tuple[Path, ...], language: str, *compiled: str) -> jinja2.Environment:
    originals = jinja2.FileSystemLoader(templates[-1], encoding="utf-8")
    own_words = repr(sorted(read_course_catalogue(language, templates).items())).encode()
    environment = _Environment(
        loader=jinja2.ChoiceLoader(
            [
                *(jinja2.FileSystemLoader(folder, encoding="utf-8") for folder in templates[:-1]),
                originals,
                jinja2.PrefixLoader({DEFAULT_PREFIX: originals}),
            ]
        ),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        cache_size=-1,
        auto_reload=False,
        # The words are compiled in: other words have other files.
        bytecode_cache=_Compiled(compiled[0], f"{compiled[1]}-{language}-{crc32(own_words):08x}-%s.cache")
        if compiled
        else None,
    )
    translate = translator(language, templates)
    environment.globals = {**_GLOBALS, "_": translate}
    environment.filters = {**environment.filters, "as_date": _date_writer(translate)}
    environment.tests = {**environment.tests, "right_to_left": is_right_to_left}
    return environment


class _Compiled(jinja2.FileSystemBytecodeCache):
    def dump_bytecode(self, bucket: Bucket) -> None:
        with contextlib.suppress(OSError):  # a full disk: it is compiled again next time
            super().dump_bytecode(bucket)


class _Environment(jinja2.Environment):
    """Puts the words of the interface in when a template is compiled: a page has 20, and to call a
    function for each was a tenth of the time it takes. An extension could do so too, but is 2 ms to import."""

    def preprocess(self, source: str, name: str | None = None, filename: str | None = None) -> str:
        translate: Callable[[str], str] = self.globals["_"]  # type: ignore[assignment]
        return _WORD_RE.sub(lambda match: escape(translate(match[1])), str(source))


def ready_template(templates: tuple[Path, ...], language: str) -> None:
    """Have the template of lessons at hand before the first is rendered; what is wrong with it is told then."""
    with contextlib.suppress(Exception):
        _environment(templates, language, *_COMPILED).get_template("lesson.html")


def keep_compiled(folder: Path, version: str) -> None:
    """Keep compiled templates in a folder, where the next process finds them: to compile them takes
    25 ms. `version` stands for all but the template that decides on what comes out, the words among it."""
    _COMPILED[:] = [str(folder), version]


_COMPILED: list[str] = []


def forget_templates() -> None:
    """Read the templates anew, for a process that builds more than once."""
    _environment.cache_clear()


_GLOBALS: Mapping[str, Any] = {
    name: value
    for name, value in jinja2.defaults.DEFAULT_NAMESPACE.items()
    if name in ("range", "dict", "namespace", "joiner", "cycler")
}
"""Jinja2's own helpers but `lipsum`, whose text is random: a build must be the same each time."""


def _date_writer(translate: Callable[[str], str]) -> Callable[[str], str]:
    form = translate("%Y-%m-%d")
    return lambda iso_date: date.fromisoformat(iso_date).strftime(form)


def _where(templates: tuple[Path, ...]) -> str:
    return f"it is looked for in {', then in '.join(f'{folder.parent.name}/{folder.name}/' for folder in templates)}"


def _template_place(error: Exception, templates: tuple[Path, ...]) -> tuple[str, int | None] | None:
    """Template, as it is shown, and line where `error` was raised."""
    places = list(_template_places(error, templates))
    return places[-1] if places else None


def _template_places(error: Exception, templates: tuple[Path, ...]) -> Iterator[tuple[str, int | None]]:
    """The templates that were at work, as they are shown, each with its line: Jinja2 rewrites the traceback to them."""
    trace = error.__traceback__
    while trace is not None:
        path = _place_of(Path(trace.tb_frame.f_code.co_filename), templates)
        if path:
            yield path, trace.tb_lineno
        trace = trace.tb_next


def _place_of(file: Path, templates: tuple[Path, ...]) -> str:
    """A template as it is shown; empty for what is none."""
    for folder in templates:
        if file.is_relative_to(folder):
            return show_template(folder, file.relative_to(folder).as_posix(), templates)
    return ""


def _first_not_utf8(templates: tuple[Path, ...]) -> tuple[str, int | None]:
    """The first template, as it is shown, that is not UTF-8, and its line."""
    files = (file for folder in templates for file in sorted(folder.rglob("*")) if file.suffix in TEMPLATE_ENDINGS)
    for file in files:
        content = file.read_bytes()
        try:
            content.decode()
        except UnicodeDecodeError as error:
            return _place_of(file, templates), content.count(b"\n", 0, error.start) + 1
    return "", None
