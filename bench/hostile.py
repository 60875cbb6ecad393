"""Adversarial lessons -> how the time that they take grows with their length.

    python bench/hostile.py [FAMILY ...]

Each family is built at n, 2n and 4n characters or so; the slope is that of processor time on a double logarithmic
scale: 1 is linear, 2 the square. What is done in no time at 4n is measured again at a larger n: what grows with the
square may be a small part of it. A lesson may also be refused: at a limit, with a message, before it has cost much.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import resource
import time
from collections.abc import Callable
from pathlib import Path

from pipeline.builder.course.work import Workshop, do_parse, import_stages, repair_source
from pipeline.builder.disk.files import digest_of
from pipeline.errors import PipelineError
from pipeline.settings import Settings
from pipeline.values import encode

SECONDS = 8
"""More processor time than this for one lesson is given up."""
SIZE, LARGEST = 20_000, 320_000
"""Bytes of the smallest lesson of a family, and at most."""
QUICK = 0.25
"""Seconds at 4n: with less a family is measured at a larger n."""
WIDTH = 19_000
"""Of a paragraph with marks; longer ones are refused."""


def lines(text: str) -> Callable[[int], str]:
    """The line again and again, with its number where it says `@`."""
    return lambda size: "".join(text.replace("@", str(number)) for number in range(size // len(text) + 1))


def within(text: str, join: str = "", width: int = WIDTH) -> Callable[[int], str]:
    """The same without a break, as long as a line may be."""
    return lambda size: "\n\n".join(
        [(text + join) * (width // len(text + join))] * (size // width)
        + [(text + join) * (size % width // len(text + join))]
    )


def pairs(opening: str, closing: str, width: int = WIDTH) -> Callable[[int], str]:
    """Something in itself."""

    def make(size: int) -> str:
        count = min(size, width) // len(opening + closing)
        return "\n\n".join([opening * count + "x" + closing * count] * max(1, size // width))

    return make


def run_of(filler: str, before: str, behind: str) -> Callable[[int], str]:
    """As many of one character as a line may have, between two texts, again and again."""
    return lambda size: "\n\n".join(f"{before}{filler * min(WIDTH, size)}{behind}" for _ in range(size // WIDTH + 1))


FAMILIES: dict[str, Callable[[int], str]] = {
    "prose": lines("Một câu *dài* với `mã` và [liên kết](b.md), dài như trong bài thật.\n\n"),
    "tags of notes": lines("{% note %}\n"),
    "notes right below one another": lines("??? a\n"),
    "components of Nuxt, open": lines("::a\n\n"),
    "components of Nuxt in one another": lambda size: lines("::a\n")(size // 2) + lines("::\n")(size // 2),
    "quotations between signs": lines(">>>\na\n\n"),
    "line blocks that break off": lambda size: lines("| a\n")(size) + "| a | b\n",
    "grid tables that break off": lines("+--+--+\n|a |b |\n\n"),
    "names of blocks": lines("a ^37066d x ^37066d\n\n"),
    "comments of MyST": lambda size: lines("% a\n")(size) + ":::{note}\n:::\n",
    "tags of code": lines("{% code %}\n\n"),
    "tags without end": lines("{{< note\n\n"),
    "comments without end": lines("{/* a\n\n"),
    "components of tabs": lines("<TabItem label='a'>\n"),
    "tags of code in colours": lines("{% highlight go %}\n"),
    "tags of code in colours, closed": lambda size: lines("{% highlight go %}\n")(size) + "{% endhighlight %}\n",
    "tags of code with fences": lambda size: lines("{% code %}\n~~~\n")(size) + "{% endcode %}\n",
    "comments apart": lines("<!-- a\n\n"),
    "comments apart, one closed": lambda size: lines("<!-- a\n\n")(size) + "-->\n",
    "instructions apart": lines("<?a\n\n"),
    "declarations apart": lines("<!a\n\n"),
    "scripts apart": lines("<script>\n\n"),
    "scripts apart, one closed": lambda size: lines("<script>\n\n")(size) + "</script>\n",
    "raw HTML with comments, open": lines("<div><!-- a\n\n"),
    "raw HTML with scripts, open": lines("<div><script>\n\n"),
    "raw HTML with scripts": lines("<div><script>\n\n</script><script>\n\n</script></div>\n\n"),
    "raw HTML with code, open": lines("<div><pre>\n\n"),
    "raw HTML with code": lines("<div><pre>\n\n</pre><pre>\n\n</pre></div>\n\n"),
    "raw HTML in items": lines("- <div>a\n"),
    "links without words": within("[](a) "),
    "links without words, on lines": lines("[](#a@)\n\n"),
    "shortcodes that are shown": lambda size: "```\n" + within("{{</* a")(size) + "\n```\n",
    "lines that comments mark": lambda size: "```js\n" + lines("a // [!code ++]\n// highlight-start\n")(size) + "```\n",
    "lines that stand out, spaces": lambda size: "```js\n" + within(" # ")(min(size, WIDTH)) + "[!code\n```\n",
    "lines of Rust": lambda size: "```rust\n" + lines("# a\n")(size) + "```\n",
    "images of tags": lines("{{< a b c d e f g >}}\n"),
    "raw HTML with comments in one line": lambda size: "<div>" + within("<!--")(min(size, WIDTH)),
    "raw HTML with quotation marks": lambda size: "<div>" + within("<a b=\"c'")(min(size, WIDTH)),
    "raw HTML that ends itself": lambda size: "<div>" + within("<a/>")(min(size, WIDTH)),
    "tags that end themselves": within("<a/>"),
    "names of elements": within("<source> "),
    "words between angle brackets": lines("<Your@ name>\n\n"),
    "components, one closed": lambda size: within("<Box>a ")(size) + "\n\n</Box>\n",
    "components, ends": within("</Box> "),
    "components, indented": lines("<Tabs>\n  <Tab label='a'>\n    b\n  </Tab>\n</Tabs>\n"),
    "components, indented, open": lines("<Box>\n  a\n"),
    "components that are links": within("<Link to='b'>a</Link> "),
    "components that are links, open": within("<Link to='b'>a "),
    "directives of code": lines(":::{code}\na\n:::\n"),
    "directives of code, open": lines(":::{code}\n\n"),
    "directives of code, growing": lambda size: "\n".join(
        ":" * (3 + n) + "{code}" for n in range(int(math.sqrt(size * 2)))
    ),
    "directives that are tables": lambda size: "```{list-table}\n" + lines("* - a\n  - b\n")(size) + "```\n",
    "directives in items": lines("- ```{note}\n  a\n  ```\n"),
    "attributes above quotations": lines("{: .note }\n> a\n\n"),
    "attributes above paragraphs": lines("{: .note }\na\n\n"),
    "tips of Docsify": lines("!> a\n\n"),
    "comments between per cent": within("%%a%% "),
    "comments between per cent, open": lines("%% a\n\n"),
    "notes in their line": within("^[a bc] "),
    "notes in their line, open": within("^[a bc "),
    "signs of critics, open": within("{++a"),
    "signs of critics, halves": within("{~~a~>b"),
    "captions of tables": lines("|a|\n|-|\n\n: b {#c}\n\n"),
    "brackets, balanced": pairs("[", "]"),
    "brackets, open": within("["),
    "brackets, closed": within("]"),
    "brackets of images": within("!["),
    "brackets with (": within("[a]("),
    "brackets with ((": within("[a](("),
    "brackets with <": within("[a](<b"),
    "brackets with quotes": within('[a](b "c'),
    "links": within("[a](b)"),
    "links with parens": within("[a](b(c(d)))"),
    "links, nested": pairs("[", "](b)"),
    "reference links": within("[a][b]"),
    "reference links on lines": lines("[a][b@]\n"),
    "references defined": lines("[b@]: c 'd'\n"),
    "references defined and used": lambda size: lines("[b@]: c 'd'\n")(size // 2) + "\n" + lines("[b@] ")(size // 2),
    "reference of one line": lines("[b]:\n"),
    "footnotes": lambda size: lines("a[^@]\n\n")(size // 2) + lines("[^@]: note\n\n")(size // 2),
    "footnotes, one": lambda size: lines("a[^1] ")(size) + "\n\n[^1]: note\n",
    "footnotes without text": within("[^a]"),
    "footnotes defined": lines("[^@]: note\n"),
    "abbreviations": lambda size: lines("*[A@]: note\n")(size // 2) + "\n" + lines("A@ ")(size // 2),
    "abbreviations defined": lines("*[A@]: note\n"),
    "headings, same": lines("# một tiêu đề\n\n"),
    "headings, different": lines("# tiêu đề @\n\n"),
    "headings, nearly same": lines("# a-@\n\n# a\n\n"),
    "headings underlined": lines("a\n===\n\n"),
    "headings with ids": lines("# a {#b@}\n\n"),
    "headings with one id": lines("# a {#b}\n\n"),
    "headings of signs": within("#"),
    "links to headings": lines("[a](#nowhere@)\n\n"),
    "emphasis *a_": within("*a_ "),
    "emphasis *a": within("*a "),
    "emphasis **a": within("**a "),
    "emphasis ***a": within("***a"),
    "emphasis a*": within("a* "),
    "emphasis _a": within("_a "),
    "emphasis __a": within("__a"),
    "emphasis *_": within("*_"),
    "emphasis ~~": within("~~a "),
    "emphasis ==": within("==a "),
    "emphasis, alone": within("**a** "),
    "emphasis, open with words": within("**a "),
    "quotations in items": lines("- > a\n  > b\n"),
    "quotations in items, lazy": lines("- > a\nb\n"),
    "quotations without their sign": lambda size: "> a\n" + lines("b\n")(min(size, WIDTH)),
    "quotations and items, nested": lambda size: lines("> " * 20 + "- " * 20 + "a\n")(size),
    "items in one line": lines("- " * 25 + "a\n"),
    "items of other signs": lines("- a\n* b\n"),
    "fences that an item ends": lines("- ```\n  a\nb\n"),
    "fences in quotations, open": lines("> ```\n> a\n\n"),
    "headings underlined in items": lines("- a\n  ---\n"),
    "lines above a rule": lambda size: lines("a\n")(min(size, WIDTH)) + "---\n",
    "definitions above a rule": lambda size: lines("[a@]: b\n")(size) + "---\n",
    "components": lines("<A b={c}>\n"),
    "components, open": lines("<A b={\n"),
    "components, braces": lines("<A b={{{{\n"),
    "components, spaces": within("<A " + " " * 30 + "b"),
    "components with text": lines("<A>b</A>\n"),
    "components with text, open": within("<A>b</B>"),
    "directives": lines(":::a\n"),
    "directives, closed": lambda size: lines(":::a\nb\n")(size // 40) + lines(":::\n")(size // 40),
    "directives, braces": within(":::{.a title='"),
    "contents and headings": lines("[TOC]\n\n# a@\n\n"),
    "alerts and tasks": lines("> [!NOTE]\n> - [x] a\n\n"),
    "escapes of what is read later": within("\\[x\\] \\:a: "),
    "emphasis ^^": within("^^a "),
    "items that begin notes": lines("- :::note\n  a\n  :::\n"),
    "items that begin notes, open": lines("- :::note a\n"),
    "items that begin components": lines("- <A\n"),
    "items that begin tables": lines("- a | b\n  ---|---\n  c | d\n"),
    "headings without words": lines("a\n##\n"),
    "addresses with references": within("https://a.b/&c;&d;) "),
    "address of references": lambda size: "https://a.b/" + "&a;" * (min(size, 18_000) // 3),
    "labels in the next line": lines("[a@\nb]\n\n[a@ b]: c\n\n"),
    "brackets of a formula": lines("\\[\na (\\frac{1}{2})\n\n"),
    "directives, spaces": within("::: " + " " * 100),
    "tags alone": lines("<ins>\n\n"),
    "spans in brackets": within("[a]{.b} "),
    "spans in brackets, open": within("[a]{ "),
    "attributes with values": within("*a*{title=b} "),
    "titles in parentheses": within("[a](b (c "),
    "sizes of images": within('<img src="a" srcset="b 1x, '),
    "sizes of an image": lambda size: '<img src="a" srcset="' + within("b 1x, ")(min(size, WIDTH)) + '">\n',
    "pictures": lines('<picture><source srcset="a"><img src="b"></picture>\n\n'),
    "pictures, open": within("<picture><source srcset='a'>"),
    "terms": lines("a@\n: b\n\n"),
    "links to terms": lambda size: lines("a\n: b\n\n")(size // 2) + lines("[a](#a_@)\n\n")(size // 2),
    "texts for images": within("![*a* **b](c) "),
    "labels in labels": lambda size: within("[[a]] ")(size) + "\n\n[a]: b\n",
    "address with mailto": within("mailto:a@b.c "),
    "fences with lists": lines("``` {.a b=[c\n"),
    "numbered lines": lambda size: "```python linenums=1\n" + lines("x = @\n")(size) + "```\n",
    "tags with markdown": within("<div" + " markdown" * 50 + "> x "),
    "definitions with escapes": within("[\\\\]"),
    "definitions with angles": lines("[a]: <b\n"),
    "declarations": lines("<!a\n"),
    "instructions": lines("<?a\n"),
    "stars": within("*"),
    "underscores": within("_"),
    "tildes": within("~"),
    "back-ticks": within("`"),
    "back-ticks, growing": lambda size: " ".join("`" * n for n in range(1, int(math.sqrt(size * 2)))),
    "back-ticks, apart": within("`a ``b "),
    "fences": lines("```\na\n```\n\n"),
    "fences, open": lines("```a@\n"),
    "fences, open before headings": lines("```a\n\n## x\n\n"),
    "comments of MDX, open": lambda size: "{/* a\n\n" * (size // 8) + "*/} x",
    "fences, growing": lambda size: "\n".join("`" * (3 + n) for n in range(int(math.sqrt(size * 2)))),
    "fences of tildes": lines("~~~\n"),
    "fences with attributes": lines("``` {.a b=c\n"),
    "code, one block": lambda size: "```python\n" + lines("x@ = (1, 'a')\n")(size) + "```\n",
    "code, one line": lambda size: "```python\n" + within("(")(min(size, WIDTH)) + "\n```\n",
    "code, indented": lines("    a\n"),
    "quotes": lines("> a\n"),
    "quotes, apart": lines("> a\n\n"),
    "quotes, 49 deep": lines("> " * 49 + "a\n\n"),
    "quotes, deep on a line": within(">"),
    "lists": lines("- a\n"),
    "lists, loose": lines("- a\n\n"),
    "lists, numbered": lines("1. a\n"),
    "lists, deep": lambda size: "".join("    " * (n % 10) + "- a\n" for n in range(size // 25)),
    "lists of nothing": lines("-\n"),
    "lists on a line": within("- "),
    "list of stars": lines("* * *\n"),
    "tasks": lines("- [ ] a\n"),
    "definitions": lines("a\n: b\n\n"),
    "definitions, one": lambda size: "a\n" + lines(": b\n")(size),
    "tables": lines("| a | b |\n|---|---|\n| c | d |\n\n"),
    "table, long": lambda size: "| a | b |\n|---|---|\n" + lines("| c | d |\n")(size),
    "table, wide": lambda size: "\n".join(
        [within("|a")(min(size // 3, WIDTH)), within("|-")(min(size // 3, WIDTH)), within("|b")(min(size // 3, WIDTH))]
    ),
    "table, wide and long": lambda size: "\n".join(
        ["|a" * 100 + "|", "|-" * 100 + "|"] + ["|b" * 100 + "|"] * (size // 201)
    ),
    "table, wide head": lambda size: "\n".join(
        ["|a" * int(math.sqrt(size)), "|-" * int(math.sqrt(size))] + ["b"] * (size // 2)
    ),
    "bars": within("|"),
    "bars on lines": lines("a|b\n"),
    "rules": lines("---\n\n"),
    "dashes": within("-"),
    "div": lines("<div>\n"),
    "div, apart": lines("<div>\n\n"),
    "div, closed": lines("</div>\n"),
    "div, one line": within("<div>"),
    "div, pairs": pairs("<div>", "</div>"),
    "span": within("<span>"),
    "b": within("<b>"),
    "tags, open": within("<a "),
    "tags, attributes": within('<a b="'),
    "tags, unknown": within("<x>"),
    "<": within("<"),
    "</": within("</"),
    "<!": within("<!"),
    "<?": within("<?"),
    "<!--": within("<!--"),
    "<!-- on lines": lines("<!-- a\n"),
    "comments": lines("<!-- a -->\n\n"),
    "<![CDATA[": within("<![CDATA["),
    "markers": lines("<!-- Aero-Navigation-Start -->\n"),
    "markers, pairs": lines("<!-- Aero-Navigation-Start -->\n<!-- Aero-Navigation-End -->\n"),
    "details": lines("<details>\n<summary>a</summary>\n\nb\n\n</details>\n\n"),
    "details, open": lines("<details>\n\n"),
    "script": lines("<script>a\n"),
    "autolinks": within("<http://a> "),
    "addresses": within("http://a.b "),
    "addresses, long": within("http://a.b/"),
    "mails": within("a@b.c "),
    "entities": within("&amp;"),
    "entities, open": within("&a"),
    "entities, numbers": within("&#9"),
    "ampersands": within("&"),
    "escapes": within("\\*"),
    "backslashes": within("\\"),
    "attribute lists": lines("a {: .b #c@ }\n\n"),
    "attribute lists, open": within("{: "),
    "attribute lists, long": lambda size: "# a {: " + within(".b ")(min(size, WIDTH)) + "}\n",
    "attribute lists, quotes": within('{: a="'),
    "braces": within("{"),
    "admonitions": lines("!!! note\n    a\n\n"),
    "admonitions, folded": lines("??? note\n    a\n\n"),
    "alerts": lines("> [!NOTE]\n> a\n\n"),
    "images": within("![a](b.png)"),
    "images, data": within("![a](data:image/png;base64,AAAA)"),
    "formulas": within("$a$ "),
    "formulas, displayed": lines("$$\na\n$$\n\n"),
    "formulas, open": within("$a "),
    "formulas, $$": within("$$ "),
    "formulas, nested": lambda size: "\n\n".join(["$" + "{" * 1000 + "a" + "}" * 1000 + "$"] * (size // 2003)),
    "formulas, \\[": within("\\[a "),
    "formulas, \\(": within("\\(a "),
    "TeX, loose": within("\\alpha "),
    "TeX, environments": lines("\\begin{a}\n"),
    "front matter": lambda size: "---\n" + lines("a@: b\n")(min(size, 19_000)) + "---\n\na\n",
    "line": lambda size: "\n\n".join(["chữ " * 22_000] * (size // 88_000 + 1)),
    "one paragraph": lines("một dòng chữ\n"),
    "paragraphs": lines("a\n\n"),
    "empty lines": lambda size: "a" + "\n" * size + "b",
    "spaces": lambda size: "\n\n".join(["a" + " " * WIDTH + "b"] * (size // WIDTH + 1)),
    "spaces at ends": lines("a" + " " * 50 + "\n"),
    "tabs": within("\t"),
    "carriage returns": within("a\r"),
    "quotation marks": within("\"a' "),
    "dots": within("."),
    "sentences": within("A. "),
    "zero": within("\u200b"),
    "marks": within("a\u0301"),
    "emoji": within("👩‍👩‍👧"),
    "control": within("\x02\x03"),
    "stash": within("\x02wzxhzdk:0\x03"),
    "fences indented, open": lines(" ```a\n\n## x\n\n"),
    "formulas in one another": lines("\\[a]\n"),
    "comments of MDX in one another": lines("{/* a\n"),
    "notes that words end": lambda size: lines("  <Note>\n\nx\n\n")(size // 2) + lines("</Note>\n")(size // 2),
    "tags of code around fences": lambda size: lines("{% code %}\n```a\n```\n")(size) + "{% endcode %}\n",
    "footnotes without text in HTML": lines("<div>[^@]</div>\n\n"),
    "emphasis, nested": pairs("*a ", " a*"),
    "addresses in HTML": lambda size: "[x](b)\n\n<div>\n" + within("](<)")(size).replace("\n\n", "\n") + "\n</div>\n",
    "lines that stand out": lambda size: (
        f"```x {{{'1,' * (min(size, WIDTH) // 4)}1}}\n" + lines("a\n")(size // 2) + "```\n"
    ),
    "words for a place": lines("slot@: b\n\n"),
    "spaces behind a label": run_of(" ", "[a]:", "<"),
    "quotes behind a label": run_of("'", "[a]: ", " x"),
    "brackets behind a label": run_of(")", "[a]: " + "(" * 1_000, " x"),
    "spaces in a heading": run_of(" ", "{: .a}\n\n# a", "b"),
    "spaces of a heading": run_of(" ", "#", "x"),
    "spaces in an attribute list": run_of(" ", "# a {: .a", "b"),
    "attribute lists in one another": within(" {: .a"),
    "spaces in a ruler": run_of(" ", "a|b\n|-|", "x"),
    "dashes in a formula": run_of("-", "$$\n|", "x"),
    "spaces in a module": run_of(" ", 'import "./a"', "x"),
    "spaces in a tag": run_of(" ", "{%", "1 %}"),
    "words of a tag": run_of(" ", "{% a b=", "{ %}"),
    "words of a comment": run_of("a", "{::", ""),
    "language of a fence": run_of("a", "```", "=\n```"),
    "words of a fence": run_of("a", "``` x ", "\n```"),
    "lists of a fence": lambda size: "\n\n".join(f"``` x {text}\n```" for text in within("a=[ ")(size).split("\n\n")),
    "damage, words": within("aÃ "),
    "damage, lines": lines("aÃb\n"),
    "damage, one word": within("Ã¡"),
    "damage, sentence": lines("Ä\x91Ã¢y lÃ\xa0 chá»¯ há»\x8fng\n"),
    "damage, twice": within("ÃƒÂ¡ "),
    "damage, lost": within("Ã\ufffd "),
    "damage, questions": within("h?c "),
}


def parse(text: str, shop: Workshop) -> str:
    """What became of a lesson: `""`, or why it was refused."""
    try:
        repaired = encode(repair_source(text.encode("utf-8", "surrogatepass"), shop.settings, {}, {}))
        do_parse("a.md", "a", repaired, digest_of(repaired), shop)
    except PipelineError as error:
        return error.message
    return ""


def shop_of() -> Workshop:
    """The usual settings."""
    return Workshop(Path(), (), Settings(), {}, {}, {}, Path(), "")


def _measure(family: str, size: int, tell: multiprocessing.connection.Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    text, shop = FAMILIES[family](size), shop_of()
    parse("# một\n\nhai *ba* [d](e)\n", shop)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    said = parse(text, shop)
    seconds = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    tell.send((len(text), seconds, memory / 1024, said))


def measure(family: str, size: int) -> tuple[int, float, float, str] | None:
    """Length, processor time in seconds, memory in MB, and why it was refused; None if it took too long or died."""
    listen, tell = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_measure, args=(family, size, tell))
    process.start()
    tell.close()
    try:
        found: tuple[int, float, float, str] | None = listen.recv()
    except EOFError:
        found = None
    process.join()
    return found


def measure_growth(family: str) -> tuple[int, list[tuple[int, float, float, str]]]:
    """The size n, and what is measured at n, 2n and 4n: as far as it gets."""
    size = SIZE
    while True:
        found = []
        for factor in (1, 2, 4):
            one = measure(family, size * factor)
            if one is None:
                break
            found.append(one)
        is_quick = len(found) == 3 and found[2][1] < QUICK and not found[2][3]
        if not is_quick or size >= LARGEST:
            return size, found
        size *= 4


def main() -> None:
    """Print a line for each family."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("families", nargs="*", metavar="FAMILY", help="by name (default: all)")
    chosen = parser.parse_args().families or list(FAMILIES)
    if unknown := [family for family in chosen if family not in FAMILIES]:
        parser.error(f"there is no family {unknown[0]!r}")
    import_stages()
    print(f"{'family':32}{'n':>8}{'s, n':>8}{'2n':>8}{'4n':>8}{'slope':>7}{'s/MB':>7}{'MB':>6}")
    for family in chosen:
        size, found = measure_growth(family)
        row = f"{size:8,}" + "".join(f"{one[1]:8.2f}" for one in found) + f"{'>' + str(SECONDS):>8}" * (3 - len(found))
        if len(found) == 3:
            slope = math.log2(max(found[2][1], 0.01) / max(found[0][1], 0.01)) / 2
            row += f"{slope:7.2f}{found[2][1] / max(found[2][0], 1) * 1e6:7.1f}{found[2][2]:6.0f}"
        print(f"{family:32}{row}  {found[-1][3][:60] if found else ''}", flush=True)


if __name__ == "__main__":
    main()
