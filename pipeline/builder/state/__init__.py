"""What was made of what, in one SQLite file.

database.py     the file: opened, checked, begun anew
damage.py       the connection to it, which may show that it is damaged
stamps.py       what is known of sources and of the files of the output
index_tables.py what is known of the search index
state.py        the records of tasks, and all of the above
readers.py      what processes that work ahead read of it
"""
