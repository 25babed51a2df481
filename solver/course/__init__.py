"""Whole courses: every handout and every exam of a course file, rebuilt only where something changed.

`build` is the command's road: `plan` says what is to be made and from what (`inputs`), `record` remembers what was made,
`execute` hands the jobs to an executor (here, in other processes, on a cluster), `store` keeps the files, `landing` links
them, `progress` tells how far it is.
"""
