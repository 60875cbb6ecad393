"""Every check, one row each: what its code means, how grave it is, and who finds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

from pipeline.checks import blocks, course, languages, letters, text
from pipeline.checks.course import CourseView
from pipeline.checks.view import LessonView
from pipeline.errors import Diagnostic, Severity

FoundBy = Literal["build", "check"]
_OfLesson = Callable[[LessonView], Iterable[Diagnostic]]
_OfCourse = Callable[[CourseView], Iterable[tuple[str, Diagnostic]]]


class Check(NamedTuple):
    """A row of the list."""

    code: str
    severity: Severity
    """The usual one; a finding may be less grave."""
    means: str
    example: str
    """A small one; `""` where it would say no more."""
    is_mended: bool = False
    """Whether `--fix` mends it where there is one safe answer."""
    find: _OfLesson | None = None
    """What finds it in a lesson; None for what the stages of a build tell."""
    find_all: _OfCourse | None = None
    """What finds it in the whole course."""

    @property
    def found_by(self) -> FoundBy:
        """`build` tells it whenever it builds what it concerns, `check` only when it is asked."""
        return "check" if self.find or self.find_all or self.code == "unknown-check" else "build"


CHECKS = (
    # links
    Check("broken-link", "warning", "a link leads to no page or file of the course", "[x](gone.md)", is_mended=True),
    Check("broken-image", "warning", "an image is not there", "![x](gone.png)", is_mended=True),
    Check("broken-anchor", "warning", "a link leads to no heading of its page", "[x](a.md#gone)", is_mended=True),
    Check("short-link", "note", "a link lacks the ending of its file", "[x](lists)", is_mended=True),
    Check(
        "undefined-reference", "warning", "nothing says where a label leads", "[x][label]", is_mended=True,
        find=text.find_undefined_references,
    ),
    Check("lost-footnote", "warning", "a mark of a footnote has no text", "[^1]"),
    Check("former-path", "warning", "a former path is no path, is taken, or leads nowhere", "aliases: [../x]"),
    # text
    Check("empty-lesson", "warning", "a lesson has no characters", ""),
    Check("no-words", "warning", "a lesson has a heading and no text", "# Loops", find=text.find_no_text),
    Check("heading-jump", "warning", "a heading is two levels or more below the one before it", "## a, then #### b",
          find=text.find_heading_jumps),
    Check("same-heading", "note", "two headings beside one another have the same words", "## a, then ## a",
          find=text.find_same_headings),
    Check("same-id", "warning", "an id is there twice in a lesson", '<p id="a">, twice', find=text.find_same_ids),
    Check("same-title", "warning", "two lessons of a folder have one title; a note in other folders", "# Loops, twice",
          find_all=course.find_same_titles),
    Check("missing-alt", "warning", "an image has no text for who does not see it", "![](x.png)",
          find=text.find_missing_texts),
    Check("unclosed-fence", "warning", "a block of code has no end", "```python", is_mended=True),
    Check("unknown-language", "warning", "a block of code is in no known language; a note where none is near",
          "```pythn", is_mended=True, find=languages.find_unknown_languages),
    Check("fence-in-code", "warning", "a block of code begins in another one, whose end is missing", "```python, twice",
          find=blocks.find_swallowed_fences),
    Check("unclosed-html", "warning", "a comment or other raw HTML has no end, and is text", "<!-- x"),
    Check("unclosed-formula", "warning", "a formula has no end before the next empty line", "$$"),
    Check("unread-formula", "warning", "a formula cannot be read", r"$\frac{1}$"),
    Check("loose-tex", "warning", "TeX stands among the words", r"vector \mathbf{z}"),
    Check("dropped-html", "warning", "raw HTML that may not be there is left out", "<script>"),
    Check("html-component", "warning", "tags that HTML does not know are left out", "<Steps>"),
    Check("foreign-tag", "warning", "tags of another program are left out", "{% tabs %}"),
    Check("material-icon", "warning", "icons of Material for MkDocs are left out", ":material-cog:"),
    Check("lone-marker", "warning", "a marker of generated navigation has no pair", "<!-- Nav-Start -->"),
    Check("front-matter", "warning", "front matter cannot be read, or a value of it", "order: soon"),
    Check("unknown-field", "warning", "front matter has a name that is nearly a known one; a note for any other",
          "titel: Loops", is_mended=True),
    Check("unknown-template", "warning", "a lesson asks for a template that there is not", "template: quizz",
          is_mended=True),
    Check("two-texts", "warning", "a folder has two texts: index.md, _index.md, README.md", ""),
    # letters
    Check("guessed-encoding", "warning", "a file is not UTF-8: how it was read is a guess", ""),
    Check("doubtful-repair", "warning", "repairs of damaged words need a person", ""),
    Check("damage-left", "warning", "damage that cannot be read, or a lost letter", "H\ufffdc",
          find=text.find_unread_damage),
    Check("unused-decision", "warning", "a decision about a repair matches nothing", ""),
    Check("look-alike", "warning", "a word has a letter of another script that looks like one of its own",
          "P\u0443thon", is_mended=True, find=letters.find_look_alikes),
    Check("split-letters", "warning", "letters are written in two parts (NFD)", "e and its accent", is_mended=True,
          find=letters.find_decomposed),
    # the course
    Check("unused-file", "note", "no lesson leads to a file", "", find_all=course.find_unused_files),
    Check("unlisted-lesson", "note", "the navigation, or its folder's text, names the other lessons but not this one",
          "", find_all=course.find_unlisted),
    Check("foreign-format", "warning", "files that no page is made of look like lessons", "a.mdx"),
    Check("hidden-file", "warning", "a file has the place of a page: it is left out", "index.html beside index.md"),
    Check("broken-setting", "warning", "a setting names what is not there", 'quick_links = ["gone"]'),
    Check("low-contrast", "warning", "a colour is hard to read on its ground", 'accent = "#eee"'),
    Check("unknown-dates", "warning", "git knows no dates of the lessons", 'last_updated = "git"'),
    Check("unused-block", "warning", "a template has a block that is shown nowhere", "{% block contnet %}"),
    Check("broken-words", "warning", "the course's own words cannot be read", ""),
    Check("unknown-check", "warning", "a lesson switches off a check that there is not", "<!-- check: off x -->",
          is_mended=True),
    # what stops a page
    Check("no-text", "error", "a lesson is no text", "a NUL byte"),
    Check("refused-lesson", "error", "a lesson has more of something than can be read in time", ""),
    Check("broken-include", "error", "a part cannot be included; a warning where it is not there", '--8<-- "gone.md"'),
    Check("broken-template", "error", "a template fails", "{{ nothing.at.all }}"),
    Check("wrong-setting", "error", "a file about the course says what cannot be done", 'titel = "x"'),
    Check("unreadable-file", "error", "a file or folder cannot be read", ""),
    Check("refused-file", "error", "a file is a pipe, a link to outside, or has a name that cannot be", ""),
    Check("same-target", "error", "two sources would make the same page, or one of the site's own", "a.md, A.md"),
    Check("active-file", "error", "a file can run scripts, and trusted=no was said", "a.html"),
    Check("unwritable-file", "error", "the output cannot be written", ""),
    Check("lost-state", "error", "what was made cannot be kept", ""),
    Check("lost-cluster", "error", "the cluster that was asked for cannot be used", "--cluster"),
    Check("cannot-build", "error", "anything else that a person can mend", ""),
    Check("bug-here", "error", "a bug in this program", ""),
)  # fmt: skip
"""In the order in which they are shown by `--list`."""

BY_CODE = {check.code: check for check in CHECKS}


def check_lesson(view: LessonView) -> Iterator[Diagnostic]:
    """What the checks of a lesson find in it."""
    for check in CHECKS:
        if check.find is not None:
            yield from check.find(view)


def check_course(view: CourseView) -> Iterator[tuple[str, Diagnostic]]:
    """What the checks of a course find, each with the lesson or file that it is about."""
    for check in CHECKS:
        if check.find_all is not None:
            yield from check.find_all(view)


def as_table() -> str:
    """The list as it stands in the reference."""
    rows = ["| code | usually | means | such as | found by |", "|---|---|---|---|---|"]
    for check in CHECKS:
        shown = check.example.replace("|", "\\|")
        fence = "`` " if "`" in shown else "`"
        example = f"{fence}{shown}{fence[::-1]}" if shown else ""
        mended = "; `--fix`" if check.is_mended else ""
        rows.append(f"| `{check.code}` | {check.severity} | {check.means} | {example} | {check.found_by}{mended} |")
    return "\n".join(rows) + "\n"
