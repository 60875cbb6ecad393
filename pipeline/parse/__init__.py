"""repaired text -> ParsedLesson, in the order of these modules.

    doubts.py         repairs to be reviewed, fenced for the page's marks
    front_matter.py   the YAML block at the top
    navigation.py     generated navigation between markers, taken out
    blocks.py         fences, formulas, raw HTML and lists as CommonMark reads them
    html_blocks.py    where raw HTML begins and ends
    markdown.py       Python-Markdown and its extensions, in one table
    sanitise.py       what raw HTML may do
    tree.py           headings, links, images, first sentence
    lesson.py         these steps after one another

A lesson passes them in this order.
"""

from pipeline.parse.lesson import parse_lesson

__all__ = ["parse_lesson"]
