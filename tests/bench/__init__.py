"""How long commands take, as ratios to what they cannot do without: `python -m tests.bench`, or `make bench`.

A ratio within one run says more than seconds: it holds on a slow machine and a busy one. Each row of `rows` is two
commands and the ratio that must not be passed; `timing` runs them in turn and takes medians.
"""
