"""a lesson -> the blocks of code that are in no known language."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from pipeline.checks.view import HINTS_GIVEN, LessonView, shortened, told_at
from pipeline.errors import Diagnostic, Edit
from pipeline.parse.code import read_fence_info
from pipeline.parse.verbatim import find_fences
from pipeline.slips import SLIP_LETTERS, is_near, is_slip
from pipeline.values import TextPlace

USUAL_LANGUAGES = frozenset(
    "bash console cpp csharp css diff docker dockerfile elixir erlang fortran golang graphql groovy haskell html http "
    "ini java javascript json jsx julia kotlin latex lisp lua makefile markdown matlab nginx objective-c ocaml pascal "
    "perl php powershell prolog protobuf python python3 ruby rust scala scheme scss shell sql sqlite3 swift terraform "
    "text toml tsx typescript verilog vhdl xml yaml yml".split()
)
"""Of those that are known, the ones that a slip is surely of: of the thousand names that Pygments has, one or other is
near nearly everything, as `kconfig` is to `config`."""
OTHER_LANGUAGES = frozenset(
    "admonition any astro chart cmd csv d2 ditaa dotenv ebnf echarts env error figlet flow geojson goat "
    "graphviz hbs highlight jsonc jsonl jsx katex latex log markmap math mdx mermaid ndjson nomnoml none "
    "output plain plaintext plantuml playground prisma pseudo pseudocode puml railroad result sequence source "
    "stl svelte svgbob toc topojson tree tsv tsx txt vega vega-lite vue wavedrom "
    "code conf config dust flix hjson jaiva jison jsonp just lang leaf logo logs marko mjml monkeyc nasl patch pine "
    "plsql profile qsharp query tasl toon wasm xojo xsharp "
    "ipython ipython2 ipython3 ipythonconsole ir irkernel iruby ihaskell pyodide pyspark python2 sagemath sparkr spark "
    "xeus-python xpython xr xcpp xcpp11 xcpp14 xcpp17 xcpp20 xcpp23 almond deno evcxr gophernotes tslab".split()
)
"""Names that a fence has for what is no program, or that other tools know. Those in the middle are of highlight.js,
Shiki and GitHub, and a slip away from one that Pygments knows; the last ones are of notebooks: names of kernels, and of
the lexers that IPython brings along (`"pygments_lexer": "ipython3"`)."""


def find_unknown_languages(view: LessonView) -> Iterator[Diagnostic]:
    """A block of code in a language that has no colours."""
    given = 0
    for line, match, *_ in find_fences(view.markdown):
        info = match["info"].strip()
        name = read_fence_info(info).language.lower()
        if not name or (info[0] == "{" and info[1:2] != ".") or name in OTHER_LANGUAGES or name in known_languages():
            continue
        given += 1
        near = _near_languages(name) if len(name) < 40 and given <= HINTS_GIVEN else ()
        usual = [other for other in near if other in USUAL_LANGUAGES]
        meant = " or ".join(usual or near[:1])
        hint = f"did you mean {meant}?" if meant else "leave it out if the code is to have no colours"
        place = TextPlace(line, match.start("info") + 1)
        message = f"'{shortened(name)}' is no language that is known: the code has no colours"
        found = told_at(place, "unknown-language", message, hint, "warning" if near else "note")
        is_sure = len(usual) == 1 and is_slip(name, usual[0])
        yield found._replace(fix=_mend_language(match["info"], place, name, usual[0]) if is_sure else ())


def _mend_language(info: str, place: TextPlace, name: str, meant: str) -> tuple[Edit, ...]:
    at = info.lower().find(name)
    return (Edit(place.line, (place.column or 1) + at, info[at : at + len(name)], meant),) if at >= 0 else ()


@cache
def _near_languages(name: str) -> tuple[str, ...]:
    """The languages that a name may be a slip of, the usual ones first, also those with a short name."""
    found = {other for other in known_languages() if is_slip(name, other, others_from=SLIP_LETTERS)}
    found |= {other for other in USUAL_LANGUAGES if len(name) >= SLIP_LETTERS and is_near(name, other)}
    return tuple(sorted(found, key=lambda other: (other not in USUAL_LANGUAGES, other)))


@cache
def known_languages() -> frozenset[str]:
    """The names that Pygments knows, in small letters."""
    from pygments.lexers import get_all_lexers

    return frozenset(alias.lower() for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases)
