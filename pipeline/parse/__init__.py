"""repaired text -> ParsedLesson, in the order of these modules.

    includes.py       parts of a lesson, put into their places
    doubts.py         repairs to be reviewed, fenced for the page's marks
    front_matter.py   the YAML or TOML block at the top
    fields.py         the names in it that are known
    navigation.py     generated navigation between markers, taken out
    inline_notes.py   footnotes in the line they are about
    blocks.py         fences, formulas, raw HTML and lists as CommonMark reads them
    line_kinds.py     what a line is
    tag_lines.py      lines of tags and attributes
    foreign.py        lines that are another program's
    tag_meanings.py   what their tags mean
    myst.py           directives of MyST
    rewrites.py       blocks of other dialects, as lines that mean the same
    put_away.py       code, formulas and raw HTML that have lines of their own
    html_blocks.py    where raw HTML begins and ends
    pieces.py         finished HTML, put away while the rest is parsed
    emphasis.py       pairs of `*`, `_`, `~`, `=` and `^`
    code.py           what a fence says, and its code in colours
    inline.py         formulas, code, addresses and keys in a line
    references.py     links and images in a line
    limits.py         what Python-Markdown would take too long for
    markdown.py       Python-Markdown and its extensions, in one table
    attributes.py     lists of attributes, for lessons that have any
    quick.py          its steps, asked only about text that can concern them
    converted.py      what the first half leaves to the second
    convert.py        the first half: these steps after one another
    sanitise.py       what raw HTML may do
    tree.py           one walk: headings, links, first sentence
    media.py          addresses of images, sounds and films
    tables.py         blocks of Markdown that are tables
    elements.py       tables, images, tasks, notes, as the walk meets them
    emoji.py          emoji by their names
    formulas.py       TeX as MathML
    formula_mends.py  what the library reads or writes otherwise than a lesson needs
    lone_tex.py       paragraphs that are TeX, before all of these: a repair
    loose_tex.py      TeX among the words
    verbatim.py       code and comments, for who looks for marks in the text
    lines.py          where in the source something stands
    sentences.py      slugs and first sentences
    finish.py         the second half
    words.py          the few words a body brings along, by language
    lesson.py         both halves

A lesson passes them in this order. Nothing is imported here: after an edit two processes import one half each.
"""
