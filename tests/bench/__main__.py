"""Print the table; exit 1 if a target is missed, 2 if a command failed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.rows import ROWS
from tests.bench.timing import CommandFailed, measure, table


def main() -> int:
    """Measure every row that was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Ratios of medians, in one run."
    )
    parser.add_argument("rows", nargs="*", help="parts of the names of rows; all of them by default")
    parser.add_argument("--repeats", type=int, default=7, help="timed runs of each command (default: 7)")
    asked = parser.parse_args()
    results = []
    for row in ROWS:
        if asked.rows and not any(part in row.name for part in asked.rows):
            continue
        with TemporaryDirectory(prefix="chainsheet-bench-") as folder:
            try:
                results.append(measure(row, Path(folder), asked.repeats))
            except CommandFailed as failure:
                print(f"{row.name}: failed\n{failure}", file=sys.stderr)
                return 2
    print(table(results))
    return 0 if all(result.reached for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
