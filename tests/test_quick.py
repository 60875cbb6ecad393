"""What is left out of Python-Markdown's work would have done nothing: the same HTML without any shortcut."""

from __future__ import annotations

import strategies
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown import Markdown
from markdown.treeprocessors import InlineProcessor, PrettifyTreeprocessor, UnescapeTreeprocessor

from pipeline.parse import markdown
from pipeline.parse.pieces import ESCAPED
from pipeline.parse.sanitise import sanitise_html
from pipeline.parse.words import words_for

SIGNS = (
    "*", "**", "***", "_", "__", "~~", "`", "``", "\\*", "\\", "$", "$$", "\\(x\\)", "![a](b)", "[a](b \"t\")", "[a][b]",
    "[b]", "![b]", "\n[b]: c\n", "[^1]", "\n\n[^1]: x\n", "<b>", "</b>", "<x@y.z>", "<https://x.y>", "https://x.y/a_b_",
    "&copy;", "&", "  \n", "\\\n", "\n", "\n\n", " ", ": ", "\n: x\n", "\n\n    x", "\n- ", "\n* ", "\n+ ", "\n1. ",
    "\n٣. ", "\n---\n", "\n* * *\n", "\n===\n", "\n# ", "\n   # ", "\n> ", "\n|a|b|\n|-|-|\n|", "|", "\n\n*[HTML]: x\n",
    "HTML", "==", "~", "^", "www.a.b", "a@b.c", "++ctrl+a++", "[a]{.b}", "{ width=1 }", "$`x`$", "\n!!! note\n    ", "{: .c}", "{#i}", "\x02", "klzzwxh:0000", "\x02klzzwxh:0000\x03", "a", "ê", "ẹ́",
)  # fmt: skip
signs = st.lists(st.one_of(st.sampled_from(SIGNS), st.sampled_from(strategies.WORDS)), max_size=40).map("".join)
KEY = (False, words_for("vi"))


class _Unescape(UnescapeTreeprocessor):
    """The library's own, but for `\\&copy;`, which is those six characters (CommonMark 2.4) and to the library a sign."""

    def unescape(self, text: str) -> str:
        return super().unescape(text.replace("\x0238\x03", "&amp;"))


def plain_converter() -> Markdown:
    """Python-Markdown with this project's extensions, and with its own steps."""
    converter = Markdown(
        extensions=[
            *(extension(**config) for extension, config in markdown.EXTENSIONS),
            markdown._LessonExtension(*KEY),
        ],
        output_format="html",
    )
    converter.treeprocessors.register(InlineProcessor(converter), "inline", markdown.INLINE_PRIORITY)
    converter.treeprocessors.register(PrettifyTreeprocessor(converter), "prettify", markdown.PRETTIFY_PRIORITY)
    converter.treeprocessors.register(_Unescape(converter), "unescape", 0)
    return converter


PLAIN = plain_converter()


@settings(max_examples=2 * settings().max_examples)
@given(st.one_of(signs, strategies.lesson_texts))
@example("a *b\n\n- c\n  d* **e**")
@example("[a *b* `c`](d) *[e](f)*: https://g.h *i*")
@example("\\&copy; &copy; [a](\\&copy;)")
@example('- \\[x] \\:tada: [a](b\\]c "\\[")')
@example("**a** *b **c** d* _e **f**_ **g** **h*i** j** **k")
def test_the_shortcuts_give_the_html_that_the_library_gives(text: str) -> None:
    quick = markdown.convert_markdown(text, words=KEY[1])
    markdown._CONVERTERS[KEY], kept = PLAIN, markdown._CONVERTERS[KEY]
    try:
        plain = markdown.convert_markdown(text, words=KEY[1])
    finally:
        markdown._CONVERTERS[KEY] = kept
    # What the library knows nothing of: the marks of signs that were escaped, till the tree has been read.
    assert sanitise_html(quick.html.replace(ESCAPED, "")) == sanitise_html(plain.html)
    assert quick.pieces == plain.pieces
