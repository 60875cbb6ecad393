"""What is on the disk, and how it is read and written.

location.py     the folders of one build, and where its state is
project.py      pyproject.toml -> these folders
sweep.py        the content folder -> what is in it
files.py        writing targets atomically
sources.py      reading what a course brings, which nothing else does
output_check.py what of the output is not what was written
images.py       width and height of images
history.py      git's log of the content folder
lock.py         one build of a course at a time
"""
