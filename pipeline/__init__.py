"""A course of Markdown lessons, some of them damaged, in; a web site out.

One lesson walks this path once, top to bottom, and never back:

    source bytes
      -> decoded text      decode/      bytes in UTF-8, UTF-16 or a legacy code page
      -> repaired text     repair/      mojibake undone, each change accounted for
      -> parsed lesson     parse/       HTML, headings, links, first sentence
      -> section index     section.py   the lessons and sub-sections of a folder, in order
      -> rendered page     links.py, page/   links resolved, templates filled
      -> site-wide files   sitewide/, search/   course tree, sitemap, redirects; the search index
      -> site              builder/    files written, orphans removed

Those are pure functions from values (`values.py`, `site_values.py`) to values; they raise errors (`errors.py`), know
how paths map to targets and URLs (`paths.py`), and are told settings (`settings.py`) and what these make of the looks
(`look.py`, `statics.py`), not files.
`checks/` is the list of what can be wrong with a course. Everything that reads, writes or talks to doit is in
`builder/`; `nightly/` publishes a course unattended; `commands/` are the program's own commands and those that doit
has for a course.
"""
