"""What can be wrong with a course, as one list.

table.py     the list: a row for each code, whoever finds it
view.py      what a check of a lesson looks at
text.py      links, headings and images, as the source writes them
languages.py languages of code
blocks.py    blocks of code and of raw HTML without an end
letters.py   letters that look like others, or are written in two parts
course.py    what only shows when all lessons are seen: titles, files nobody uses
silence.py   severities, and what a lesson switches off
baseline.py  what was accepted: a file of findings that only gets shorter
places.py    where a finding stands that its maker gave no line or column
mend.py      fixes -> the mended text of a source
forms.py     findings -> text, JSON, annotations

A check takes a view and yields findings; it opens no file.
"""
