"""Files appear whole, in a folder and behind a URL, and what goes wrong is one clear message."""

from __future__ import annotations

import errno
import pickle
import subprocess
import sys
import textwrap
import uuid
from pathlib import Path

import pytest

from solver.course import lock, store
from solver.course.build import Options, build_course
from solver.course.record import Record, Records, Written, read_record
from solver.course.store import STATE, Folder, Remote, Stamp, Store, open_store
from solver.errors import EngineError, InputError
from solver.files import unwritable


@pytest.fixture(params=["folder", "memory"])
def some(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return open_store(str(tmp_path / "out"))
    pytest.importorskip("fsspec")
    return open_store(f"memory://{uuid.uuid4().hex}/out")


def test_what_is_written_is_read_listed_and_removed(some: Store) -> None:
    assert some.stamps() == {}
    assert some.read("a/b.txt") is None
    first = some.write("a/b.txt", b"one")
    assert some.stamps() == {"a/b.txt": first}
    second = some.write("a/b.txt", b"two")
    assert some.read("a/b.txt") == b"two"
    assert first.size == second.size == 3
    assert some.stamps() == {"a/b.txt": second}
    assert pickle.loads(pickle.dumps(some)) == some
    some.remove("a/b.txt")
    some.remove("a/b.txt")
    assert some.stamps() == {}


def test_a_url_of_this_machine_is_a_folder_that_all_share(tmp_path: Path) -> None:
    assert open_store(f"file://{tmp_path}") == Folder(tmp_path, shared=True)
    assert not open_store(str(tmp_path)).shared
    assert open_store("memory://x/").private
    assert not open_store("memory://x/").shared


def test_a_url_that_nothing_serves_is_one_message() -> None:
    pytest.importorskip("fsspec")
    with pytest.raises(EngineError, match="nosuch://bucket/course cannot be reached"):
        Remote("nosuch://bucket/course").stamps()


def test_folders_that_become_empty_go_with_their_last_file(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write("a/b/c.txt", b"")
    folder.write("a/d.txt", b"")
    folder.remove("a/b/c.txt")
    assert not (tmp_path / "a" / "b").exists()
    folder.remove("a/d.txt")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_an_engine_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> None:
        raise unwritable(path, OSError(errno.ENOSPC, "No space left on device"))

    monkeypatch.setattr(store, "write_whole", full)
    with pytest.raises(EngineError) as caught:
        Folder(tmp_path).write("a.txt", b"")
    assert caught.value.what == f"no room left to write {tmp_path / 'a.txt'}: No space left on device"
    assert "build again to go on" in caught.value.hint


def test_a_folder_that_cannot_be_written_is_the_users_choice(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written: File exists"):
        Folder(tmp_path / "file").write("a.txt", b"")


def test_records_tell_what_is_missing_and_what_differs(some: Store) -> None:
    stamp = some.write("a.pdf", b"content")
    sha256 = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"
    record = Record("a.pdf", {"problem": "1", "view": "2"}, {"a.pdf": Written(sha256, stamp)}, {"pages": 3})
    Records(some).keep(record)
    assert read_record(some.read(f"{STATE}/records/a.pdf.json")) == record
    records = Records(some)
    assert records.tasks() == ["a.pdf"]
    assert records.why("b.pdf", {}) == "new"
    assert records.why("a.pdf", record.inputs) == ""
    assert records.why("a.pdf", {"problem": "2", "view": "2"}) == "the problem changed"
    assert records.why("a.pdf", {**record.inputs, "engine": "x"}) == "another pdfLaTeX"
    some.write("a.pdf", b"content")
    assert Records(some).why("a.pdf", record.inputs) == ""
    some.write("a.pdf", b"changed")
    assert Records(some).why("a.pdf", record.inputs) == "a.pdf was changed"
    some.remove("a.pdf")
    assert Records(some).why("a.pdf", record.inputs) == "a.pdf is missing"
    records.forget("a.pdf")
    assert Records(some).tasks() == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"scheme":0}', b"\xff", None])
def test_what_is_no_record_is_none(content: bytes | None) -> None:
    assert read_record(content) is None


def test_a_torn_record_is_as_good_as_none(some: Store) -> None:
    record = Record("t", {}, {"t": Written("0", Stamp(1, ""))})
    some.write(f"{STATE}/records/t.json", record.to_json()[:-20])
    assert Records(some).why("t", {}) == "new"


def test_one_build_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("fcntl")
    monkeypatch.setattr(lock, "PATIENCE", 0.1)
    code = f"""
        from pathlib import Path
        from solver.course.store import Folder
        with Folder(Path({str(tmp_path)!r})).lock():
            print("held", flush=True)
            input()
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with (
            pytest.raises(InputError, match="another build is at work in this folder"),
            Folder(tmp_path).lock(),
        ):
            pass
        other.kill()  # the system frees the lock of a process that is gone
    with Folder(tmp_path).lock():
        pass


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_course_behind_a_url(course: Path, jobs: int) -> None:
    fsspec = pytest.importorskip("fsspec")
    out = f"memory://{uuid.uuid4().hex}"
    first = build_course(course, Options(out=out, jobs=jobs))
    assert (first.summary.built, first.summary.failed) == (4, 0)
    second = build_course(course, Options(out=out, jobs=jobs))
    assert (second.summary.built, second.summary.reused) == (0, 4)
    with fsspec.open(f"{out}/small/handouts/neuron/solution.pdf") as file:
        assert file.read(5) == b"%PDF-"
