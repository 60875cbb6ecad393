"""Hypothesis strategies: texts that look like lessons, damage, and the values of the stages."""

from __future__ import annotations

from hypothesis import strategies as st

from pipeline.errors import Diagnostic
from pipeline.repair.codepages import CODE_PAGES, Channel
from pipeline.values import Card, Entry, Link, RepairedLesson, Section, SectionInputs

WORDS = (
    "học",
    "tập",
    "vòng",
    "lặp",
    "Đọc",
    "code",
    "x",
    "ề",
    "ổ",
    "🏗️",
    "“quote”",
    "ﬁ",
    "Ａ",
    "Âge",
)
MARKUP = (
    "# ", "## ", "- ", "1. ", "  - ", "> ", "```", "~~~python", "$x$", "$$", "\\(", "\\)", "|", "---",
    "`", "**", "_", "[", "](", ")", "<b>", "</b>", "<div>", "<!--", "-->", "<script>", "[^1]", "[^1]: ",
    "!!! note", "<source srcset=javascript:x>", "<p align=left>", "<img srcset='javascript:x 2x, y' onload=z>", "<Tab x={",
    "}>", "<ins>", "<center>", "<div markdown>", "[x]{ .c onclick=y }", "{ href=javascript:x }", "{ onclick=y }",
    "::: {.n title='x'}", "```x linenums=1", "\n> ", "\n- > ", "- - ", "\n===", "--8<-- \"a\"", "mailto:a@b.c",
    "=== \"a\"", ":::note", ":::", "<Tab>", "{ #id }", "++ctrl+a++", "www.a.b", "a@b.c", ":tada:", "[TOC]", "*", "~", "==", "^", "^^", "\\[x] ",
    "\\:tada:", "\\[!NOTE]", "&#1;", "\ufdd3", "- ::: n",
    "    ", "\t", "\n", "\n\n", ":   ", "- [ ] ", "&amp;", "{#id}", "![", "\\", "\u2028",
)  # fmt: skip

lesson_texts = st.lists(
    st.one_of(st.sampled_from(WORDS), st.sampled_from(MARKUP), st.text(max_size=5)), max_size=60
).map(lambda parts: "".join(part if part in MARKUP else part + " " for part in parts))

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(
    lambda name: "/" not in name and name not in (".", "..")
)
diagnostics = st.builds(Diagnostic, texts, st.none() | st.integers(1, 99), texts, st.sampled_from(["error", "warning"]))
cards = st.builds(Card, texts, texts, texts)
entries = st.builds(Entry, cards, names, st.none() | st.floats(-9, 9))
values = st.one_of(
    st.builds(RepairedLesson, texts, texts, st.just(()), st.just(()), st.tuples(diagnostics)),
    st.builds(Link, st.sampled_from(["link", "image"]), texts, texts),
    st.builds(
        Section,
        texts,
        texts,
        texts,
        st.none() | st.floats(-9, 9),
        st.lists(cards, max_size=3).map(tuple),
        st.lists(cards, max_size=3).map(tuple),
    ),
    st.builds(
        SectionInputs,
        texts,
        texts,
        st.none(),
        st.lists(entries, max_size=3).map(tuple),
        st.just(()),
    ),
)

# Sound Vietnamese, and the channels that damage it.
SOUND_WORDS = [
    "học",
    "tập",
    "đường",
    "phố",
    "ngôn",
    "ngữ",
    "mô",
    "hình",
    "dữ",
    "liệu",
    "được",
    "của",
    "và",
    "là",
    "các",
    "một",
    "những",
    "không",
    "cho",
    "với",
    "về",
    "từ",
    "đã",
    "sẽ",
    "Việt",
    "Nam",
    "Đây",
    "Hệ",
    "thống",
    "xử",
    "lý",
    "câu",
    "hỏi",
    "trả",
    "lời",
    "gradient",
    "token",
    "Python",
    "API",
]
SOUND_MARKS = [
    " ",
    " ",
    " ",
    ", ",
    ". ",
    "\n",
    "\n- ",
    "\n## ",
    " → ",
    " (",
    ") ",
    " **",
    "` ",
    " 📚 ",
    " – ",
]

sound_lessons = st.lists(
    st.tuples(st.sampled_from(SOUND_WORDS), st.sampled_from(SOUND_MARKS)), min_size=1, max_size=60
).map(lambda pairs: "".join(word + mark for word, mark in pairs))
lossless_channels = st.builds(
    Channel, st.sampled_from([page for page in CODE_PAGES if page != "cp850"]), st.just("keep"), st.just(())
)
lossy_channels = st.sampled_from(
    [Channel(*pair) for pair in (("cp1252", "drop"), ("cp1254", "drop"), ("cp1252", "fffd"), ("cp1258", "drop"))]
)
every_channel = st.builds(
    Channel,
    st.sampled_from(CODE_PAGES),
    st.sampled_from(("keep", "drop", "drop-undefined", "fffd", "question")),
    st.sampled_from(((), ("quotes",), ("spaces",), ("merged",))),
) | st.builds(Channel, st.just("latin-1"), st.sampled_from(("drop-c1", "question-c1")), st.just(()))
# Sound, with no accented letter beyond Latin-1: each of them is what some page shows of a first byte.
latin_1_words = st.sampled_from(
    "bài này là gì và sao câu khó quá thêm ba còn lại cô có bánh mì chú ý nhé à ô Là TÔI PHÊ Ý "
    "café naïve résumé été Nîmes forêt âgée château ça même É niño piña jardín señor lê lição avó não coração".split()
)
# Words that look damaged and are not: capitals that some code page shows for a lead byte, and a mark that it shows for
# the next. And words that are damaged.
ambiguous_words = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(("", "(", "**")),
    st.sampled_from(("XÃ", "MÃ", "NGÃ", "BÂ", "MAÇÃ", "IRMÃ", "PERÚ", "HĐ", "DAĞ", "CÔ", "ĂÂ", "Å", "Ø")),
    st.sampled_from("”’»…²³±–"),
    st.sampled_from(("", ")", ".", ",", "**", ":")),
)
damaged_words = st.sampled_from(("Há»c", "táºp", "cÃ¢u", "má»™t", "cafÃ©", "Ã©", "âœ…", "K√∂nig", "Ð½Ðµ", "Gr├╝n"))
# Text made of what damage is made of: the worst a repair can meet.
shards = st.text(
    st.sampled_from("ÃÄÅÆáâðğ»º¼½€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—™š›œžŸ¡\xa0\xad\x81\x8d\x90\x9d\ufffd?'\" \nabcTHđồ├─┐ПР°"),
    max_size=80,
)
