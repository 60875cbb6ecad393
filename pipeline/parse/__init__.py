"""repaired text -> ParsedLesson, in the order of these modules.

front_matter.py   the YAML block at the top
navigation.py     generated navigation between markers, taken out
blocks.py         fences, display math and lists as CommonMark reads them
markdown.py       Python-Markdown and its extensions, in one table
sanitise.py       what raw HTML may do
tree.py           headings, links, images, first sentence
lesson.py         the six steps after one another
"""

from pipeline.parse.lesson import parse_lesson

__all__ = ["parse_lesson"]
