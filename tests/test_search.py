"""The search index: patched is built, folded is found; and the search box in a real browser."""

from __future__ import annotations

import functools
import http.server
import random
import re
import shutil
import sys
import threading
from array import array
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unicodedata import normalize
from urllib.parse import unquote

import pytest
from building import PROJECT
from hypothesis import example, given
from hypothesis import strategies as st
from ranking import rank
from searching import Page, SearchIndex
from strategies import SOUND_WORDS

from pipeline.parse.lesson import parse_lesson
from pipeline.search import (
    Geometry,
    Posting,
    SearchEntry,
    ShardChange,
    assign_slots,
    build_shards,
    choose_geometry,
    collect_changes,
    group_of,
    patch_shard,
    place_of,
    search_entry,
    title_entry,
)
from pipeline.search.entry import EXCERPT_CHARACTERS, unpack_terms
from pipeline.search.shards import read_shard, term_place
from pipeline.search.words import (
    _UNSPACED,
    EDGE_LETTERS,
    LONGEST_PREFIX,
    SHORTEST_PREFIX,
    edge_terms,
    exact_term,
    fold,
    prefix_term,
    spell,
    title_term,
    word_term,
)
from pipeline.search.words import read_words as read_words_of
from pipeline.statics import spare_comments


def entry_of(text: str) -> SearchEntry:
    return search_entry(parse_lesson(text, "a.md"))


def page_of(text: str) -> Page:
    lesson = parse_lesson(text, "a.md")
    return Page(lesson.facts.title, search_entry(lesson), "Phần")


page_names = st.sampled_from([f"{folder}{number}" for folder in ("", "a/", "b/", "b/ă ") for number in range(20)])
lesson_sources = st.lists(st.sampled_from([*SOUND_WORDS, "\n\n", "\n\n## ", "\n\n# ", "học tập "]), max_size=25).map(
    lambda words: "x " + " ".join(words)
)
courses = st.dictionaries(page_names, lesson_sources, min_size=1, max_size=60)


def test_a_formula_is_read_once_and_as_it_was_written() -> None:
    assert [block.text for block in entry_of("# a\n\nKhi $x^{2} < y$ thì\n\n$$\n\\sqrt{y}\n$$\n\nhết").blocks] == [
        r"Khi x^{2} < y thì \sqrt{y} hết"
    ]


# --- laws ---


@given(st.lists(courses, min_size=2, max_size=4))
def test_a_patched_index_is_byte_for_byte_the_one_built_afresh(states: list[dict[str, str]]) -> None:
    cache: dict[str, Page] = {}

    def read(course: dict[str, str]) -> dict[str, Page]:
        return {name: cache.setdefault(text, page_of(text)) for name, text in course.items()}

    index = SearchIndex(read(states[0]))
    for course in states[1:]:
        index.update(read(course))
        assert dict(index.files()) == dict(SearchIndex(read(course)).files())


@given(courses, courses)
def test_a_file_of_the_index_that_has_the_same_name_has_the_same_content(
    first: dict[str, str], second: dict[str, str]
) -> None:
    """Whatever course it is of: so a page that is open goes on with the index that it began with."""
    one, other = (
        dict(SearchIndex({name: page_of(text) for name, text in course.items()}).files()) for course in (first, second)
    )
    assert {path for path in one.keys() & other.keys() if one[path] != other[path]} <= {"_search/index.js"}


@given(
    st.integers(0, 16),
    st.lists(st.tuples(st.integers(0, 2**28 - 1).map(lambda n: n << 2), st.integers(0, 63), st.integers(0, 3))),
)
def test_what_is_put_into_a_shard_and_taken_out_again_leaves_no_trace(
    shard_bits: int, postings: list[tuple[int, int, int]]
) -> None:
    geometry = Geometry(6, shard_bits)
    pairs = [(term | kind, slot) for term, slot, kind in postings]
    shard = patch_shard(geometry, b"", ShardChange([], pairs))
    assert patch_shard(geometry, shard, ShardChange(pairs, [])) == b""
    half = len(pairs) // 2
    first = patch_shard(geometry, b"", ShardChange([], pairs[half:]))
    assert patch_shard(geometry, first, ShardChange([], pairs[:half])) == shard


@given(st.integers(6, 14), st.data())
def test_a_list_of_slots_is_read_back_whatever_its_form(slot_bits: int, data: st.DataObject) -> None:
    rng = random.Random(data.draw(st.integers()))
    share = data.draw(st.sampled_from([0.0005, 0.01, 0.1, 0.5, 1.0]))
    slots = [slot for slot in range(1 << slot_bits) if rng.random() < share] or [0]
    geometry = Geometry(slot_bits, 0)
    shard = patch_shard(geometry, b"", ShardChange([], [(4, slot) for slot in slots]))
    assert read_shard(geometry, shard) == {"--0": [slots]}
    limit = -(-(1 << slot_bits) // 24) * 4 + 1  # never longer than the bitmap and its mark
    assert len(shard) <= 3 + limit


@given(st.integers(6, 9), st.data())
def test_a_list_of_slots_is_patched_to_what_it_would_be_afresh(slot_bits: int, data: st.DataObject) -> None:
    """Of any length: a long one stays a bitmap, becomes one, or is one no more."""
    rng = random.Random(data.draw(st.integers()))
    shares = st.sampled_from([0.01, 0.1, 0.15, 0.2, 0.5, 0.95, 1.0])
    before, after = (
        {slot for slot in range(1 << slot_bits) if rng.random() < share} or {0}
        for share in (data.draw(shares), data.draw(shares))
    )
    geometry = Geometry(slot_bits, 0)

    def postings(slots: set[int]) -> list[tuple[int, int]]:
        return [(4, slot) for slot in sorted(slots)]

    fresh = [patch_shard(geometry, b"", ShardChange([], postings(slots))) for slots in (before, after)]
    change = ShardChange(postings(before - after), postings(after - before))
    assert patch_shard(geometry, fresh[0], change) == fresh[1]


@given(st.sets(page_names, min_size=1), page_names)
def test_slots_are_told_apart_and_do_not_depend_on_order(names: set[str], other: str) -> None:
    geometry = choose_geometry(len(names))
    slots = assign_slots(names, geometry)
    assert len(set(slots.values())) == len(names)
    assert assign_slots(sorted(names, reverse=True), geometry) == slots


def test_a_new_page_moves_about_one_other() -> None:
    names = [f"module_{number // 30}/lesson_{number % 30}" for number in range(3000)]
    geometry = choose_geometry(len(names))
    before = assign_slots(names, geometry)
    moved = 0
    for number in range(50):
        after = assign_slots([*names, f"new_{number}"], geometry)
        moved += sum(before[name] != after[name] for name in names)
    assert moved <= 100


@given(st.text(max_size=200))
def test_no_lesson_is_too_strange_to_be_indexed(text: str) -> None:
    entry = title_entry(text)
    terms = unpack_terms(entry.terms).tolist()
    assert terms == sorted(set(terms))
    assert len({term >> 2 for term in terms}) == len(terms)


@given(st.text(st.sampled_from("aăâbcdđeêoôơuưyàáảãạÀỆĐ"), max_size=8))
def test_case_and_unicode_form_do_not_matter_to_folding(word: str) -> None:
    assert fold(normalize("NFD", word.upper())) == fold(normalize("NFC", word)) == fold(fold(word))


# --- what an entry holds ---


def test_a_body_edit_touches_only_the_shards_of_words_that_came_or_went() -> None:
    pages = {f"a/{number}": page_of(f"# Bài {number}\n\nmột hai ba bốn năm sáu {number}") for number in range(200)}
    index = SearchIndex(pages)
    edited = page_of("# Bài 7\n\nmột hai ba bốn nam sáu 7")
    before, after = (set(unpack_terms(page.entry.terms)) for page in (pages["a/7"], edited))
    touched = index.update({**pages, "a/7": edited})
    assert len(touched) <= len(before ^ after) <= 8


def test_text_is_cut_at_headings_with_their_anchors_and_inline_markup_does_not_end_a_word() -> None:
    entry = entry_of("# T\n\nmở **h**ọc <br>\n\n## Một & `hai`\n\n| a | b |\n|---|---|\n| c | d |\n\n### Ba {#ba}\n")
    assert [(block.anchor, block.heading, block.text) for block in entry.blocks] == [
        ("", "", "mở học"),
        ("một--hai", "Một & hai", "a b c d"),
        ("ba", "Ba", ""),
    ]


def test_scripts_and_comments_of_trusted_html_are_not_text() -> None:
    lesson = parse_lesson("# T\n\n<p title='a > b'>x<!-- y --><script>z()</script></p>\n", "a.md", trusted_html=True)
    assert [block.text for block in search_entry(lesson).blocks] == ["x"]


@pytest.mark.parametrize("unseen", ["<!-- y -->", "<script>z()</script>", "<style>z</style>"])
def test_each_of_them_alone_is_not_text(unseen: str) -> None:
    lesson = parse_lesson(f"# T\n\n<p>x{unseen}</p>\n", "a.md", trusted_html=True)
    assert [block.text for block in search_entry(lesson).blocks] == ["x"]


def test_a_long_lesson_is_indexed_whole_and_excerpted_in_part() -> None:
    entry = entry_of("# T\n\n" + ("từ ngữ\n" * 3000 + "\n") * 3 + "zebra")
    assert word_term("zebra") in {term & ~3 for term in unpack_terms(entry.terms)}
    assert sum(len(block.text) for block in entry.blocks) == EXCERPT_CHARACTERS


def test_classes_tell_title_heading_frequent_and_body() -> None:
    kinds = {
        term & ~3: term & 3 for term in unpack_terms(entry_of("# Học\n\ntập một\n\n## Hai\n\nba ba ba ba học").terms)
    }
    assert [kinds[word_term(word)] for word in ("mot", "ba", "hai", "hoc")] == [0, 1, 2, 3]
    assert kinds[prefix_term("ta")] == 0
    assert kinds[exact_term(word_term("hoc"), "học")] == 0
    assert kinds[title_term(read_words_of("Học"))] == 3


def test_a_word_as_written_is_in_the_shard_of_the_folded_word() -> None:
    geometry = choose_geometry(10_000)
    for word in SOUND_WORDS:
        plain = word_term(fold(word))
        assert term_place(geometry, plain)[0] == term_place(geometry, exact_term(plain, word.lower()))[0]


# --- what is found ---

COURSE = {
    "a/hoc-tap": "# Học tập liên tục\n\nMột câu.\n\n## Kết luận\n\nHãy học tập liên tục mỗi ngày.\n",
    "a/hoc-sau": "# Học sâu\n\nTập dữ liệu liên quan, tục ngữ. " + "mạng " * 9,
    "a/hop": "# Hóc búa\n\nBài táp nham, học và tập rời nhau.\n",
    "b/ban": "# Cái bàn\n\nMột cái bàn gỗ.\n",
    "b/ban-be": "# Bạn bè\n\nMột người bạn. cáI Đường &lt;b&gt;\n",
    "b/duong": "# Đường phố\n\nCon đường rất dài & rộng. Duong pho.\n",
    "b/ky la #1 ă": "# Tên tệp lạ\n\nzebra\n",
    "b/python": "# Programming in Python\n\nA program; gradient descent.\n",
    "c/sparse": "# Storage\n\nA lens.\n\n## Sparse matrixs\n\nNone is dense here.\n",
    "c/menus": "# Menus\n\nBeyond the widget: gọi lên.\n",
    "c/other": "# Other\n\nsparse menu, then a matrix; widgets and widgets.\n",
}
QUERIES = {
    "hoc tap lien tuc": ["a/hoc-tap", "a/hoc-sau"],
    "Học tập": ["a/hoc-tap"],
    "hoc tap": ["a/hoc-tap"],
    "bàn": ["b/ban", "b/ban-be"],
    "bạn": ["b/ban-be", "b/ban"],
    "DUONG": ["b/duong", "b/ban-be"],
    "prog": ["b/python"],
    "programm": ["b/python"],
    "descent gradi": ["b/python"],
    "zebra ": ["b/ky la #1 ă"],
    # A word stands for its plural and its singular too, but for one that a syllable looks like.
    "menu ": ["c/menus", "c/other"],
    "widget ": ["c/menus", "c/other"],
    "sparse matrix": ["c/sparse", "c/other"],
    "storages ": ["c/sparse"],
    "lens ": ["c/sparse"],
    "zeb ": [],
    "học t": ["a/hoc-tap", "a/hoc-sau"],
    "bàn g": ["b/ban", "b/ban-be"],
    "zebra qqq": ["b/ky la #1 ă"],
    "qqq": [],
    "": [],
    "?!": [],
}


@pytest.fixture(scope="module")
def course_index() -> SearchIndex:
    pages = {name: page_of(text) for name, text in COURSE.items()}
    return SearchIndex({**pages, "b/index": Page("Phần B", title_entry("Phần B"))})


def found_by(index: SearchIndex, query: str) -> list[str]:
    names = {slot: name for name, slot in index.slots.items()}
    return [names[slot] for slot in rank(index.geometry, index.shards, query)]


def cards_of(index: SearchIndex, name: str) -> str:
    """The file of a page's cards, but for the digest in its name."""
    folder, place = place_of(group_of(index.slots[name]))
    return f"_search/cards/{folder}/{place}."


@pytest.mark.parametrize("query", QUERIES)
def test_the_best_lessons_come_first(course_index: SearchIndex, query: str) -> None:
    expected = QUERIES[query]
    found = found_by(course_index, query)
    assert found[: len(expected)] == expected
    assert bool(found) == bool(expected)
    assert found_by(course_index, normalize("NFD", query)) == found


@given(
    st.builds(Geometry, st.integers(4, 9), st.integers(0, 12)),
    st.dictionaries(st.integers(0, 15), st.text("abcdeo \n#", max_size=60), max_size=8),
    st.integers(1, 7),
)
def test_an_index_that_is_built_in_parts_is_the_same(geometry: Geometry, texts: dict[int, str], wanted: int) -> None:
    """However many lessons a part may hold: a course of a hundred thousand is built so."""
    parts = min(wanted, geometry.shards)
    lessons = [Posting(entry_of(text).terms, slot) for slot, text in texts.items()]
    in_parts = [found for part in range(parts) for found in build_shards(geometry, lessons, part, parts)]
    assert in_parts == list(build_shards(geometry, lessons))


@given(
    st.integers(0, 9), st.integers(0, 2**18 - 1), st.dictionaries(st.integers(0, 2**10), st.integers(0, 3), min_size=1)
)
def test_terms_that_an_index_cannot_tell_apart_are_one_of_their_highest_class(
    shard_bits: int, key: int, classes: dict[int, int]
) -> None:
    """They differ between the bits of a shard and those of a key only: a lesson has one posting for them."""
    between = (1 << 10 - shard_bits) - 1
    terms = sorted({(rest & between) << 20 | key << 2 | kind for rest, kind in classes.items()})
    geometry, packed = Geometry(6, shard_bits), array("I", terms)
    if sys.byteorder == "big":
        packed.byteswap()
    ((number, shard),) = build_shards(geometry, [Posting(packed.tobytes(), 5)])
    (found,) = read_shard(geometry, shard).values()
    assert (number, found) == (0, [*[[] for _ in range(max(classes.values()))], [5]])


@given(
    st.integers(0, 12),
    st.dictionaries(
        st.integers(0, 63), st.dictionaries(st.sampled_from([0, 1, 2**9, 2**27 + 5]), st.integers(0, 3)), max_size=9
    ),
)
@example(0, {0: {1: 1}, 1: {1: 2}, 2: {1: 3}})
def test_every_lesson_is_found_under_its_terms_in_their_class(
    shard_bits: int, lessons: dict[int, dict[int, int]]
) -> None:
    """A list of each class, those of other lessons beside it; and the same as when they come one by one."""
    geometry = Geometry(6, shard_bits)
    postings, places = [], defaultdict[tuple[int, str], list[list[int]]](lambda: [[], [], [], []])
    one_by_one: dict[int, bytes] = {}
    for slot, words in sorted(lessons.items()):
        packed = array("I", sorted(word << 2 | kind for word, kind in words.items()))
        for term in packed:
            places[term_place(geometry, term)][term & 3].append(slot)
        if sys.byteorder == "big":
            packed.byteswap()
        postings.append(Posting(packed.tobytes(), slot))
        for number, change in collect_changes(geometry, [(None, postings[-1])]).items():
            one_by_one[number] = patch_shard(geometry, one_by_one.get(number, b""), change)
    shards = dict(build_shards(geometry, postings))
    found = {
        (number, key): [*lists, [], [], []][:4]
        for number, shard in shards.items()
        for key, lists in read_shard(geometry, shard).items()
    }
    assert found == places
    assert one_by_one == shards


def test_one_flat_folder_of_thousands_of_lessons_is_no_special_case() -> None:
    entry = entry_of("# Học tập\n\nmột hai ba")
    geometry = choose_geometry(4000)
    slots = assign_slots((f"{number}" for number in range(4000)), geometry)
    shards = dict(build_shards(geometry, (Posting(entry.terms, slot) for slot in slots.values())))
    assert sorted(rank(geometry, shards, "hoc tap mot hai")) == sorted(slots.values())


# --- the search box, in Chromium ---

PAGE = """<!doctype html>
<html lang="vi" data-root="../" data-search-style="../_static/search.css" data-slips="../_static/slips.js"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; script-src 'self'">
<link rel="stylesheet" href="../_static/site.css"><script src="../_static/search.js" defer></script>
</head><body><button id="opener">x</button></body></html>
"""


def write_site(index: SearchIndex, root: Path) -> Path:
    shutil.copytree(PROJECT / "templates" / "static", root / "_static")
    pages = ((f"{name}.html", PAGE) for name in (*index.pages, "a/start"))
    for path, text in (*index.files(), *pages):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    return root


@pytest.fixture(scope="module")
def site(course_index: SearchIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_site(course_index, tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def large_site(course_index: SearchIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of so many lessons that `search.js` is sparing with what it loads."""
    entry = entry_of("# h\n\nh")
    others = {f"b/{number}": Page("h", entry) for number in range(1700)}
    return write_site(SearchIndex({**course_index.pages, **others}), tmp_path_factory.mktemp("large"))


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module", params=["file", pytest.param("http", marks=pytest.mark.deep)])
def address(request: pytest.FixtureRequest, site: Path) -> Iterator[str]:
    if request.param == "file":
        yield site.as_uri()
        return
    handler = functools.partial(_QuietHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


HOLD = """part => {
  const append = document.head.append.bind(document.head), held = [];
  document.head.append = (element) => element.src?.includes(part) ? held.push(element) : append(element);
  window.release = () => { document.head.append = append; held.forEach((element) => append(element)); };
}"""
"""Files with this in their address do not come before `RELEASE`."""
RELEASE = "release()"


class Box:
    """The search box of one page, and what went wrong there."""

    def __init__(self, browser: Any, address: str) -> None:
        """`browser` opens the window, or is one."""
        self.page = browser.new_page() if hasattr(browser, "new_page") else browser
        self.requested: list[str] = []
        self.complaints: list[str] = []
        self._listeners = {
            "request": lambda request: self.requested.append(request.url),
            "pageerror": lambda error: self.complaints.append(str(error)),
            "console": self._hear,
        }
        for event, listener in self._listeners.items():
            self.page.on(event, listener)
        self.page.goto(f"{address}/a/start.html")

    def leave(self) -> None:
        for event, listener in self._listeners.items():
            self.page.remove_listener(event, listener)
        self.page.goto("about:blank")

    def _hear(self, message: Any) -> None:
        if "favicon" not in message.location["url"]:  # these pages have none
            self.complaints.append(message.text)

    def open(self) -> None:
        self.page.focus("#opener")
        self.page.evaluate("courseSearch.open()")

    def type(self, query: str) -> None:
        self.page.fill("dialog input", query)
        self.wait_for(query)

    def wait_for(self, query: str) -> None:
        self.page.wait_for_function("q => document.querySelector('#search-results').dataset.query === q", arg=query)

    def loads(self, kind: str) -> int:
        """How many files of a kind were asked for, without those that say what they are named."""
        return sum(bool(re.search(rf"/_search/{kind}/\d+/", url)) for url in self.requested)

    def results(self) -> list[str]:
        urls = self.page.eval_on_selector_all("[role=option]", "links => links.map(link => link.getAttribute('href'))")
        return [url.partition("#")[0] for url in urls]


@pytest.fixture
def box(window: Any, address: str) -> Iterator[Box]:
    opened = Box(window, address)
    yield opened
    opened.leave()
    assert opened.complaints == []


def test_nothing_of_the_index_is_loaded_before_the_box_is_opened(box: Box) -> None:
    assert not [url for url in box.requested if "_search" in url]
    box.open()
    assert [url.partition("_search/")[2].partition("?")[0] for url in box.requested if "_search/" in url] == [
        "index.js"
    ]


def test_the_browser_finds_what_the_reference_finds(box: Box, course_index: SearchIndex) -> None:
    box.open()
    for query in QUERIES:
        for form in ("NFC", "NFD"):
            box.type(normalize(form, query))
            found = [unquote(url).removeprefix("../").removesuffix(".html") for url in box.results()]
            assert found == found_by(course_index, query), query


def test_excerpts_are_marked_and_lead_to_their_heading(box: Box) -> None:
    box.open()
    box.type("hoc tap lien tuc")
    first = box.page.locator("[role=option]").first
    assert first.locator(".search-excerpt").inner_text() == "Hãy học tập liên tục mỗi ngày."
    assert first.locator(".search-excerpt mark").all_inner_texts() == ["học", "tập", "liên", "tục"]
    assert first.get_attribute("href") == "../a/hoc-tap.html#k%E1%BA%BFt-lu%E1%BA%ADn"
    box.type("nguoi ban")
    assert first.locator(".search-excerpt").inner_text() == "Một người bạn. cáI Đường <b>"


@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
def test_every_key_is_answered_without_a_wait_for_rest(browser: Any, site: Path, large_site: Path, large: bool) -> None:
    """Time stands still but for what a pause between two keys may take: a run that waits for rest never comes."""
    box = Box(browser, large_site.as_uri() if large else site.as_uri())
    box.open()
    box.page.wait_for_selector("dialog[open]")
    box.page.clock.install()
    box.page.clock.pause_at(4_102_444_800)  # some time to come
    query = "hoc tap l"
    for end in range(1, len(query) + 1):
        box.page.keyboard.type(query[end - 1])
        box.page.clock.run_for(200)
        box.wait_for(query[:end])
        assert bool(box.results()) == (end > 1), query[:end]
    box.page.close()
    assert box.complaints == []


def test_in_a_large_index_a_plural_is_asked_where_it_costs_no_other_file(browser: Any, large_site: Path) -> None:
    box = Box(browser, large_site.as_uri())
    box.open()
    found = {}
    for query in ("widget ", "menu "):
        box.type(query)
        found[query] = [unquote(url).removeprefix("../").removesuffix(".html") for url in box.results()]
    assert found == {"widget ": ["c/menus", "c/other"], "menu ": ["c/other"]}


def test_in_a_large_index_a_letter_alone_is_looked_up_at_rest(browser: Any, large_site: Path) -> None:
    box = Box(browser, large_site.as_uri())
    box.open()
    box.page.wait_for_selector("dialog[open]")
    box.page.keyboard.type("h")
    box.wait_for("h")
    assert box.loads("terms") == 0
    box.page.wait_for_selector("[role=option]")
    box.page.close()
    assert box.complaints == []


def test_what_a_long_query_costs_is_bounded_and_it_finds_the_same_as_pasted(
    browser: Any, large_site: Path, tmp_path: Path
) -> None:
    """Between keys it loads no pairs and no more cards when its budget is spent, here at once."""
    site = Path(shutil.copytree(large_site, tmp_path / "site"))
    script = site / "_static" / "search.js"
    text = script.read_text("utf-8")
    bound = "TYPING = 75e3,"
    assert bound in text
    script.write_text(text.replace(bound, "TYPING = 1,"), "utf-8")
    query, found, cards = "học tập liên tục", {}, {}
    for is_typed in (False, True):
        box = Box(browser, site.as_uri())
        box.open()
        box.page.wait_for_selector("dialog[open]")
        box.page.clock.install()
        box.page.clock.pause_at(4_102_444_800)  # rest comes when it is let
        for place, key in enumerate(query if is_typed else ""):
            box.page.keyboard.type(key)
            box.page.clock.run_for(200)
            if place:  # a letter alone finds nothing yet
                box.page.wait_for_selector("[role=option]")
        cards[is_typed] = box.loads("cards")
        if not is_typed:
            box.page.fill("dialog input", query)
        box.page.evaluate("document.querySelector('#search-results').dataset.query = ''")  # rest answers anew
        box.page.clock.run_for(1500)
        box.wait_for(query)
        box.page.wait_for_selector("[role=option]")
        found[is_typed] = box.results()
        box.page.close()
        assert box.complaints == []
    assert found[True] == found[False] != []
    assert cards == {False: 0, True: 1}


def test_a_word_that_is_begun_is_marked_where_it_follows_the_others(box: Box) -> None:
    """One letter narrows nothing down: the results stay, their excerpts show what goes on so."""
    box.open()
    box.page.wait_for_selector("dialog[open]")
    box.page.keyboard.type("học ")
    box.wait_for("học ")
    before = box.results()
    box.page.keyboard.type("t")
    box.wait_for("học t")
    assert box.results() == before != []
    marked = box.page.locator("[role=option]").first.locator(".search-excerpt mark").all_inner_texts()
    assert marked == ["học", "tập"]


def test_the_keyboard_moves_through_the_results_and_follows_one(box: Box) -> None:
    page = box.page
    box.open()
    assert page.evaluate("document.activeElement.getAttribute('role')") == "combobox"
    box.type("hoc")
    field = page.locator("[role=combobox]")
    assert field.get_attribute("aria-expanded") == "true"
    assert page.inner_text("[role=status]") == "3 bài"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    selected = page.locator("[role=option][aria-selected=true]")
    assert selected.count() == 1
    assert field.get_attribute("aria-activedescendant") == selected.get_attribute("id") == "search-1"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert field.get_attribute("aria-activedescendant") == "search-2"
    wanted = page.locator("#search-2").evaluate("link => link.href")
    page.keyboard.press("Enter")
    page.wait_for_url(wanted)


def test_enter_before_the_results_are_there_follows_the_first(box: Box) -> None:
    box.open()
    box.page.fill("dialog input", "zebra")
    box.page.keyboard.press("Enter")
    box.page.wait_for_url("**/ky*")


def test_escape_closes_and_gives_the_focus_back(box: Box) -> None:
    box.open()
    box.type("zebra")
    box.page.keyboard.press("Escape")
    assert box.page.locator("dialog[open]").count() == 0
    assert box.page.evaluate("document.activeElement.id") == "opener"
    box.open()
    assert box.page.input_value("dialog input") == "zebra"


def test_the_number_of_results_is_told_and_so_is_their_absence(box: Box) -> None:
    box.open()
    said = {}
    for query in ("zebra", "qqq", "zebra qqq", ""):
        box.type(query)
        said[query] = box.page.inner_text("[role=status]")
    assert said == {
        "zebra": "1 bài",
        "qqq": "Không tìm thấy bài nào",
        "zebra qqq": "Không bài nào có đủ các từ; 1 bài gần nhất",
        "": "",
    }


@pytest.mark.parametrize("folder", ["terms", "cards"])
def test_a_file_that_cannot_be_fetched_is_told_and_asked_for_again(
    browser: Any, address: str, site: Path, folder: str
) -> None:
    box = Box(browser, address)
    box.open()
    box.page.wait_for_selector("dialog[open]")
    files = site / "_search" / folder
    lost = files.rename(site / "lost")
    try:
        box.page.keyboard.type("hoc")  # in three lessons, whose cards are all asked for
        box.page.wait_for_selector("text=Không đọc được chỉ mục tìm kiếm")
        assert box.results() == []
    finally:
        lost.rename(files)
    box.type("ho")
    assert box.page.inner_text("[role=status]") == "3 bài"
    box.page.close()
    assert [text for text in box.complaints if "Failed to load resource" not in text] == []


def test_a_result_that_cannot_be_fetched_takes_no_other_with_it(
    browser: Any, site: Path, course_index: SearchIndex, tmp_path: Path
) -> None:
    box = Box(browser, shutil.copytree(site, tmp_path / "site").as_uri())
    first, *others = found_by(course_index, "hoc")
    lost = cards_of(course_index, first)
    assert lost not in {cards_of(course_index, name) for name in others}
    next((tmp_path / "site").glob(f"{lost}*")).unlink()
    box.open()
    box.type("hoc")
    assert [unquote(url).removeprefix("../").removesuffix(".html") for url in box.results()] == others
    assert box.page.inner_text("[role=status]") == "Không đọc được chỉ mục tìm kiếm"
    assert box.page.get_attribute("[role=combobox]", "aria-expanded") == "true"
    box.page.close()


def test_a_search_whose_files_are_gone_goes_on_with_the_index_that_is_there(
    browser: Any, site: Path, tmp_path: Path
) -> None:
    """As where the output is shown itself and was built anew."""
    box = Box(browser, shutil.copytree(site, tmp_path / "site").as_uri())
    box.open()
    box.type("zebra")
    shutil.rmtree(tmp_path / "site")
    write_site(SearchIndex({"c/moi": page_of("# Mới\n\nzebra học"), "c/cu": page_of("# Cũ\n\nhọc")}), tmp_path / "site")
    box.type("hoc")
    assert (box.results(), box.page.inner_text("[role=status]")) == ([], "Không đọc được chỉ mục tìm kiếm")
    box.type("zebra")
    assert box.results() == ["../c/moi.html"]
    assert box.page.inner_text(".search-excerpt") == "zebra học"
    box.page.close()


def test_a_result_is_shown_while_others_are_waited_for(box: Box, course_index: SearchIndex) -> None:
    names = found_by(course_index, "hoc")
    box.open()
    box.page.wait_for_selector("dialog[open]")
    box.page.evaluate(HOLD, cards_of(course_index, names[1]))
    box.page.fill("dialog input", "hoc")
    box.page.wait_for_selector("[role=option]")
    assert len(box.results()) == 1
    assert box.page.get_attribute("[role=combobox]", "aria-expanded") == "true"
    box.page.evaluate(RELEASE)
    box.wait_for("hoc")
    assert [unquote(url).removeprefix("../").removesuffix(".html") for url in box.results()] == names


def test_a_run_that_is_over_says_nothing(box: Box) -> None:
    """`searching...` of a query that waits for its files does not stand under the next one."""
    box.open()
    box.page.wait_for_selector("dialog[open]")
    box.page.evaluate(HOLD, "terms")
    box.page.fill("dialog input", "zebra")
    box.page.wait_for_timeout(100)
    box.type("")
    box.page.wait_for_timeout(600)
    assert box.page.inner_text("[role=status]") == ""


def test_enter_is_forgotten_when_the_box_is_closed(box: Box) -> None:
    box.open()
    box.page.wait_for_selector("dialog[open]")
    box.page.evaluate(HOLD, "terms")
    box.page.fill("dialog input", "zebra")
    box.page.keyboard.press("Enter")
    box.page.keyboard.press("Escape")
    before = box.page.url
    box.page.evaluate(RELEASE)
    box.wait_for("zebra")
    assert box.page.url == before


def test_what_is_selected_is_always_there(box: Box) -> None:
    """Old results may be chosen while new ones are under way; when these are there, only they can be."""
    box.open()
    box.type("hoc")
    field = box.page.locator("[role=combobox]")
    box.page.evaluate(HOLD, "terms")
    box.page.fill("dialog input", "zebra")
    for _ in range(3):
        box.page.keyboard.press("ArrowDown")
    box.page.evaluate(RELEASE)
    box.wait_for("zebra")
    assert len(box.results()) == 1
    assert field.get_attribute("aria-activedescendant") == ""
    box.type("qqq")
    assert (field.get_attribute("aria-expanded"), field.get_attribute("aria-activedescendant")) == ("false", "")


def test_a_new_query_begins_at_its_first_result(browser: Any, large_site: Path) -> None:
    box = Box(browser, large_site.as_uri())
    box.page.set_viewport_size({"width": 320, "height": 320})
    box.open()
    box.type("h")
    box.page.wait_for_selector("[role=option]")
    box.page.keyboard.press("ArrowUp")
    scrolled = "document.querySelector('#search-results').scrollTop"
    assert box.page.evaluate(scrolled) > 0
    box.type("h ")
    assert box.page.evaluate(scrolled) == 0
    box.page.close()


def test_text_that_is_selected_beyond_the_edge_of_the_box_leaves_it_open(box: Box) -> None:
    box.open()
    box.type("hoc")
    place = box.page.locator("dialog input").bounding_box()
    assert place
    box.page.mouse.move(place["x"] + 30, place["y"] + 5)
    box.page.mouse.down()
    box.page.mouse.move(2, place["y"] + 5)
    box.page.mouse.up()
    assert box.page.locator("dialog[open]").count() == 1
    box.page.mouse.click(2, 300)
    assert box.page.locator("dialog[open]").count() == 0


def test_what_was_selected_stays_selected_when_more_is_shown(box: Box) -> None:
    """A last letter means the same at rest as while it is typed; Enter follows what is marked, at any time."""
    box.open()
    box.page.wait_for_selector("dialog[open]")
    box.page.keyboard.type("học t")
    box.wait_for("học t")
    before = box.results()
    box.page.keyboard.press("ArrowDown")
    box.page.keyboard.press("ArrowDown")
    wanted = box.page.locator("#search-1").evaluate("link => link.href")
    box.page.wait_for_timeout(1200)
    assert box.results() == before
    assert box.page.get_attribute("[role=combobox]", "aria-activedescendant") == "search-1"
    box.page.keyboard.press("Enter")
    box.page.wait_for_url(wanted)


def test_a_missing_index_is_told(browser: Any, site: Path, tmp_path: Path) -> None:
    shutil.copytree(site, tmp_path / "site", ignore=shutil.ignore_patterns("_search"))
    box = Box(browser, (tmp_path / "site").as_uri())
    box.open()
    assert box.page.inner_text("[role=status]") == "No search index"
    assert "undefined" not in box.page.inner_html("dialog")
    shutil.copytree(site / "_search", tmp_path / "site" / "_search")
    box.page.keyboard.press("Escape")
    box.open()
    box.type("zebra")
    assert box.page.inner_text("[role=status]") == "1 bài"
    box.page.close()


# --- what is meant: slips of the keyboard, questions, scripts without spaces ---

MEANT = {
    "toan/dao-ham": "# Đạo hàm và độ dốc\n\nCông thức của độ dốc.\n\n## 2. Cơ chế chú ý\n\nCó lẽ cơ thể.\n",
    "toan/hoc": "# Học sâu\n\nHọc máy. Đạo hàm, cơ chế, chú ý: nói qua. Cơ và chế, ý và chú.\n",
    "may/transformer": "# Transformer\n\n## Gradient descent\n\nTransformer, transformer, transformer, transformer. Một đoạn phụ.\n",
    "may/nhung": "# Huấn luyện embedding từ đầu\n\nChọn dữ liệu rồi chạy.\n",
    "may/khac": "# Khác\n\nLàm sao đây? Có huấn luyện, như thế nào thì không rõ. Phương pháp.\n",
    "zh/hoc": "# 机器学习入门\n\n我们讨论深度学习和神经网络。\n",
    "zh/khac": "# 学校\n\n机会很多，器械也多。\n",
    "ja/hoc": "# プログラミング入門\n\n関数を定義する。\n",
    "th/hoc": "# การเรียนรู้ของเครื่อง\n\nข้อมูลและแบบจำลอง\n",
}
MEANT_FIRST = {
    "ddaoj hamf": "toan/dao-ham",
    "d9ao5 ham2": "toan/dao-ham",
    "dda5o hàm": "toan/dao-ham",
    "hocj sâu": "toan/hoc",
    "tranformer": "may/transformer",
    "transfromer": "may/transformer",
    "transformar": "may/transformer",
    "gradiemt decsent": "may/transformer",
    "embeding": "may/nhung",
    "phuogn pháp": "may/khac",
    "cơ chế chú ý": "toan/dao-ham",
    "co che chu y": "toan/dao-ham",
    "làm sao huấn luyện embedding": "may/nhung",
    "lam sao huan luyen embedding": "may/nhung",
    "làm thế nào": "may/khac",
    "机器学习": "zh/hoc",
    "神经": "zh/hoc",
    "习": "zh/hoc",
    "关": "",
    "関数": "ja/hoc",
    "定義": "ja/hoc",
    "เครื่อง": "th/hoc",
    "ข้อมูล": "th/hoc",
}


@pytest.fixture(scope="module")
def meant_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    index = SearchIndex({name: page_of(text) for name, text in MEANT.items()})
    return write_site(index, tmp_path_factory.mktemp("meant"))


@pytest.fixture
def meant_box(window: Any, meant_site: Path) -> Iterator[Box]:
    opened = Box(window, meant_site.as_uri())
    opened.open()
    yield opened
    opened.leave()
    assert opened.complaints == []


def test_what_is_meant_comes_first(meant_box: Box) -> None:
    found = {}
    for query in MEANT_FIRST:
        meant_box.type(query)
        found[query] = (meant_box.results() or [""])[0].removeprefix("../").removesuffix(".html")
    assert found == MEANT_FIRST


def test_a_diacritic_that_was_typed_counts_when_words_are_marked(meant_box: Box) -> None:
    for query, marks in (("cơ chế", ["Cơ", "chế", "cơ"]), ("co che", ["Cơ", "chế", "Có", "cơ"])):
        meant_box.type(query)
        first = meant_box.page.locator("[role=option]").filter(has_text="Đạo hàm").first
        assert first.locator("mark").all_inner_texts() == marks


def test_slips_are_only_asked_about_when_a_word_is_found_nowhere(meant_box: Box) -> None:
    asked = [url for url in meant_box.requested if "slips" in url]
    meant_box.type("transformer ")
    assert asked == [url for url in meant_box.requested if "slips" in url] == []
    meant_box.type("tranformer ")
    assert [url for url in meant_box.requested if "slips" in url]


TONE_KEYS = dict(zip("\u0301\u0300\u0309\u0303\u0323", ("s1", "f2", "r3", "x4", "j5")))
MARK_KEYS = {"\u0302": ("", "6"), "\u031b": ("w", "7"), "\u0306": ("w", "8")}


def keys_of(word: str, way: int, *, at_end: bool) -> str:
    """A word as it is typed by Telex (0) or VNI (1), its tone at the end or behind its letter."""
    typed, last = "", ""
    for letter in normalize("NFC", word):
        base, *marks = list(normalize("NFD", letter))
        typed += ("dd", "d9")[way] if letter == "đ" else base
        for mark in marks:
            if mark in TONE_KEYS:
                last = TONE_KEYS[mark][way]
            else:
                typed += MARK_KEYS[mark][way] or base
        if last and not at_end:
            typed, last = typed + last, ""
    return typed + last


FIND_MEANT = """async ([words, known]) => {
    const all = new Set(known), edges = new Set(known.flatMap((word) => ["<" + word.slice(0, 3), ">" + word.slice(-3)].map((edge) => edge + word)));
    const index = { has: (term) => all.has(term) || edges.has(term), termOf: (word) => word, near: (edge, word) => edge + word, hash: (edge) => edge, shardOf: (term) => term, SYLLABLE: %s };
    return Promise.all(words.map((word) => courseSearch.findMeant({ lower: word, folded: word }, false, index)));
}"""


@pytest.fixture
def slips(window: Any) -> Any:
    window.goto("about:blank")
    window.evaluate("window.courseSearch = {}")
    window.evaluate((PROJECT / "templates" / "static" / "slips.js").read_text("utf-8"))
    return window


def find_meant(slips: Any, words: list[str], known: list[str]) -> Any:
    """What is meant by words in a course that has only the known ones."""
    script = (PROJECT / "templates" / "static" / "search.js").read_text("utf-8")
    (syllable,) = re.findall(r"^const SYLLABLE = (/.*/);", script, re.M)
    return slips.evaluate(FIND_MEANT.replace("%s", syllable), [words, known])


@pytest.mark.parametrize("way", [0, 1], ids=["Telex", "VNI"])
@pytest.mark.parametrize("at_end", [True, False])
def test_every_syllable_is_read_from_its_keys(slips: Any, way: int, at_end: bool) -> None:
    words = sorted({word.lower() for word in SOUND_WORDS if word.isalpha() and fold(word) != word.lower()})
    assert len(words) > 20
    typed = [keys_of(word, way, at_end=at_end) for word in words]
    found = find_meant(slips, typed, [fold(word) for word in words])
    wrong = {
        keys: (word, meant)
        for word, keys, meant in zip(words, typed, found, strict=True)
        if meant is None or (meant["folded"], spell(normalize("NFC", meant["written"]))) != (fold(word), spell(word))
    }
    assert wrong == {}


TECHNICAL = ["attention", "tokenizer", "softmax", "quantization", "benchmark", "perceptron", "kubernetes", "phuong"]


def test_one_wrong_letter_in_a_long_word_is_forgiven_wherever_it_is(slips: Any) -> None:
    typed, wanted = [], []
    for word in TECHNICAL:
        for at in range(len(word)):
            before, after = word[:at], word[at + 1 :]
            for letters in ("", "w", f"{word[at]}w", f"{word[at + 1 :][:1]}{word[at]}"):
                rest = after[1:] if len(letters) == 2 and not letters.endswith("w") else after
                if (mistyped := before + letters + rest) != word and len(mistyped) > 4:
                    typed.append(mistyped)
                    wanted.append(word)
    found = find_meant(slips, typed, TECHNICAL)
    missed = [key for key, word, meant in zip(typed, wanted, found, strict=True) if (meant or {}).get("folded") != word]
    assert missed == []


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=6, max_size=12), st.integers(0, 11), st.sampled_from("aw"))
def test_one_wrong_letter_leaves_the_first_or_the_last_letters(word: str, at: int, letter: str) -> None:
    """And so one of the two terms: with it the word can be told from the candidates, wherever the letter is."""
    at %= len(word)
    for mistyped in (word[:at] + word[at + 1 :], word[:at] + letter + word[at + 1 :], word[:at] + letter + word[at:]):
        assert mistyped[:EDGE_LETTERS] == word[:EDGE_LETTERS] or mistyped[-EDGE_LETTERS:] == word[-EDGE_LETTERS:]


def test_a_topic_has_terms_for_its_edges_and_a_syllable_has_none() -> None:
    terms = {term & ~3 for term in unpack_terms(entry_of("# Transformer\n\nnghiêng perceptron\n").terms)}
    assert terms.issuperset(edge_terms("transformer"))
    assert not terms.intersection(edge_terms("nghieng"), edge_terms("perceptron"))


@given(st.text(max_size=30))
def test_a_spelling_does_not_depend_on_where_a_tone_was_put(text: str) -> None:
    assert spell(text) == spell(normalize("NFD", text)) == spell(normalize("NFC", text))


def test_a_heading_is_known_with_and_without_its_number() -> None:
    terms = set(unpack_terms(entry_of("# T\n\n## 2. Cơ chế chú ý\n\nx\n").terms))
    for heading in ("2 cơ chế chú ý", "cơ chế chú ý"):
        assert title_term(read_words_of(heading)) | 2 in terms


def test_the_script_is_small_and_neither_evaluates_nor_writes_html() -> None:
    script = (PROJECT / "templates" / "static" / "search.js").read_text("utf-8")
    assert len(spare_comments(script.encode())) <= 18 * 1024
    for forbidden in ("eval", "innerHTML", "Function(", "fetch(", "style=", ".style"):
        assert forbidden not in script


def test_a_word_that_comes_again_is_worked_out_once() -> None:
    words = read_words_of("học tập rồi học (tập) rồi học")
    assert [word.folded for word in words] == ["hoc", "tap", "roi", "hoc", "tap", "roi", "hoc"]
    assert all(word is words[at % 3] for at, word in enumerate(words))


@example("㐀𠀀")
@given(st.text(max_size=12) | st.text("aăâđeêoôơuưỷ̃ệcdghz", max_size=9))
def test_the_quick_way_to_the_terms_of_a_word_gives_the_same(text: str) -> None:
    """Hashes that go on from where they stopped are those of each beginning."""
    for word in read_words_of(text):
        shortest = 1 if re.match(f"[{_UNSPACED}]", word.folded) else SHORTEST_PREFIX
        lengths = range(shortest, min(LONGEST_PREFIX + 1, len(word.folded)))
        assert word.term == word_term(word.folded)
        assert word.found == (word.term, *(prefix_term(word.folded[:length]) for length in lengths))


@pytest.mark.parametrize("step", [61, pytest.param(1, marks=pytest.mark.deep)])
def test_every_gap_between_two_slots_is_read_back(step: int) -> None:
    geometry = Geometry(13, 0)
    for slot in sorted({*range(1, 8192, step), *(2**power + near for power in range(1, 13) for near in (-1, 0, 1))}):
        shard = patch_shard(geometry, b"", ShardChange([], [(4, 0), (4, slot)]))
        assert read_shard(geometry, shard) == {"--0": [[0, slot]]}
        assert patch_shard(geometry, shard, ShardChange([(4, 0)], [])) == patch_shard(
            geometry, b"", ShardChange([], [(4, slot)])
        )
