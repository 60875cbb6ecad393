"""check.py   doit check: what is wrong with a course, and what of it is new"""
