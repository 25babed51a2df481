"""Print the table; exit 1 if a target is missed, 2 if a command failed."""

from __future__ import annotations

import argparse
import compileall
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.course import course_rows
from tests.bench.rows import CHECKOUT, ROWS
from tests.bench.timing import CommandFailed, Row, measure, table


def main() -> int:
    """Measure every row that was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Ratios of processor times, in one run."
    )
    parser.add_argument("rows", nargs="*", help="parts of the names of rows; all of them by default")
    parser.add_argument("--repeats", type=int, default=7, help="timed runs of each command (default: 7)")
    parser.add_argument(
        "--students", type=int, default=200, help="of the course (default: 200); 0: no course"
    )
    asked = parser.parse_args()
    # The packages it is held against are compiled when pip installs them; an editable checkout may not be.
    compileall.compile_dir(CHECKOUT / "solver", quiet=2)
    results = []
    with TemporaryDirectory(prefix="chainsheet-bench-") as folder:
        try:
            rows: list[Row] = list(ROWS)
            if asked.students and (not asked.rows or "course" in asked.rows):
                rows += course_rows(Path(folder, "course"), asked.students)
            for number, row in enumerate(rows):
                if asked.rows and row in ROWS and not any(part in row.name for part in asked.rows):
                    continue
                results.append(measure(row, Path(folder, str(number)), asked.repeats))
        except CommandFailed as failure:
            print(failure, file=sys.stderr)
            return 2
    print(table(results))
    return 0 if all(result.reached for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
