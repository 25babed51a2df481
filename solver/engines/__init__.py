"""Text to file: the embedded pdfLaTeX, run in a closed room, and the PDFs it makes taken apart and put together.

`find` says which pdfLaTeX is used, `process` runs it under limits, `log` reads what it wrote, `formats` keeps the
preamble precompiled, `compile` makes one PDF, `batch` makes many in few runs, `split` and `join` work on PDFs.
"""
