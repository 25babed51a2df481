"""Where a course is written: a folder, or anything that fsspec reaches (``s3://bucket/course``).

A file appears whole or not at all. In a folder a temporary neighbour is renamed into place; an object store puts an
object whole by itself; on servers with files (sftp) a temporary neighbour is moved.

A stamp says what was written without reading it back: size and time here, size and tag there. Checking four thousand
files by their stamps takes 20 ms; by their content a second and more.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from solver.errors import EngineError, Fault, InputError
from solver.files import Content, in_one, unwritable, write_whole

if TYPE_CHECKING:
    from types import TracebackType

STATE = ".chainsheet"
"""Folder below the course's in which builds keep what they know."""

_WITH_FILES = frozenset({"sftp", "ssh", "smb", "hdfs", "webhdfs", "arrow_hdfs", "ftp", "dbfs"})
_TAGS = (
    "ETag",
    "etag",
    "md5Hash",
    "content_md5",
    "LastModified",
    "last_modified",
    "updated",
    "mtime",
    "created",
)


@dataclass(frozen=True)
class Stamp:
    """What can be known of a file without reading it.

    Attributes:
        size: In bytes.
        tag: Changes when the file is written again.
    """

    size: int
    tag: str


class Store(Protocol):
    """A place for files, named by relative paths with ``/``. It can be sent to another process."""

    @property
    def shared(self) -> bool:
        """Whether a worker on another machine reaches the same place."""

    @property
    def private(self) -> bool:
        """Whether no other process reaches it, not even on this machine."""

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, or None where there is none."""

    def write(self, path: str, content: Content) -> Stamp:
        """Write a file whole, and return its stamp."""

    def remove(self, path: str) -> None:
        """Remove a file, if it is there, and folders that are empty then."""

    def stamps(self) -> dict[str, Stamp]:
        """Return every file that is there."""

    def lock(self) -> Lock:
        """Return a lock that one build holds at a time."""

    def shown(self, path: str = "") -> str:
        """Return how a file is called in messages."""


class Lock(Protocol):
    """Held inside a `with`."""

    def __enter__(self) -> None:
        """Take it, or raise `InputError` where another build holds it."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let it go."""


def open_store(place: str) -> Store:
    """Return the store of a folder or URL.

    Raises:
        EngineError: A URL is given and fsspec, or what it needs for this kind of URL, is not installed.
    """
    kind, found, path = place.partition("://")
    if not found:
        return Folder(Path(place))
    if kind in ("file", "local"):
        return Folder(Path(path), shared=True)
    return Remote(place.rstrip("/"))


@dataclass(frozen=True)
class Folder:
    """A folder of this machine's, or of a file system that all machines share.

    Attributes:
        root: May not exist yet.
        shared: See `Store`.
    """

    root: Path
    shared: bool = False
    private: bool = False

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, or None where there is none."""
        try:
            return (self.root / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise InputError(Fault(f"cannot be read: {error.strerror or error}", self.root / path)) from None

    def write(self, path: str, content: Content) -> Stamp:
        """Write a file whole, and return its stamp."""
        file = self.root / path
        try:
            write_whole(file, content)
            return _stamp(file.stat())
        except EngineError as error:
            hint = "What was finished is whole and is kept; make room and build again to go on from there."
            raise EngineError(error.what, error.detail, hint) from None
        except OSError as error:
            raise unwritable(file, error) from None

    def remove(self, path: str) -> None:
        """Remove a file, if it is there, and folders that are empty then."""
        file = self.root / path
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(file, error) from None
        for folder in file.parents:
            if folder == self.root:
                return
            try:
                folder.rmdir()
            except OSError:
                return

    def stamps(self) -> dict[str, Stamp]:
        """Return every file that is there."""
        return dict(_walk(str(self.root), ""))

    def lock(self) -> Lock:
        """Return a lock that one build holds at a time; the system frees it when its process ends, however it ends."""
        from solver.course.lock import FileLock

        return FileLock(self.root / STATE / "lock")

    def shown(self, path: str = "") -> str:
        """Return how a file is called in messages."""
        return str(self.root / path) if path else str(self.root)


def _walk(folder: str, prefix: str) -> Iterator[tuple[str, Stamp]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        name = prefix + entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, f"{name}/")
        else:
            try:
                yield name, _stamp(entry.stat())
            except OSError:  # removed meanwhile
                continue


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_size, str(status.st_mtime_ns))


@dataclass(frozen=True)
class Remote:
    """A place that fsspec reaches.

    Attributes:
        url: Without a slash at its end.
    """

    url: str

    @property
    def shared(self) -> bool:
        """Whether workers write to it themselves."""
        return not self.private

    @property
    def private(self) -> bool:
        """Whether it is this process's memory."""
        return self.url.startswith("memory://")

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, or None where there is none."""
        files, root = self._open()
        try:
            return bytes(files.cat_file(f"{root}/{path}"))
        except FileNotFoundError:
            return None
        except Exception as error:
            raise self._failed("read", path, error) from error

    def write(self, path: str, content: Content) -> Stamp:
        """Write a file whole, and return its stamp."""
        files, root = self._open()
        content, target = in_one(content), f"{root}/{path}"
        protocols = {files.protocol} if isinstance(files.protocol, str) else set(files.protocol)
        try:
            if protocols & _WITH_FILES:
                parent, name = target.rsplit("/", 1)
                files.makedirs(parent, exist_ok=True)
                temporary = f"{parent}/.{name}.{hashlib.sha256(content).hexdigest()[:12]}.new"
                files.pipe_file(temporary, content)
                files.mv(temporary, target)
            else:
                files.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
                files.pipe_file(target, content)
            files.invalidate_cache(target.rsplit("/", 1)[0])
            return _remote_stamp(files.info(target))
        except Exception as error:
            raise self._failed("written", path, error) from error

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        files, root = self._open()
        try:
            files.rm_file(f"{root}/{path}")
        except FileNotFoundError:
            return
        except Exception as error:
            raise self._failed("removed", path, error) from error

    def stamps(self) -> dict[str, Stamp]:
        """Return every file that is there, by one listing."""
        files, root = self._open()
        try:
            files.invalidate_cache(root)
            found = files.find(root, detail=True)
        except FileNotFoundError:
            return {}
        except Exception as error:
            raise self._failed("listed", "", error) from error
        start = len(root.rstrip("/")) + 1
        return {name[start:]: _remote_stamp(info) for name, info in found.items()}

    def lock(self) -> Lock:
        """Return a lock that does nothing: object stores have none."""
        from solver.course.lock import NoLock

        return NoLock()

    def shown(self, path: str = "") -> str:
        """Return how a file is called in messages."""
        return f"{self.url}/{path}" if path else self.url

    def _open(self) -> tuple[Any, str]:
        try:
            import fsspec
        except ImportError:
            raise EngineError(
                f"{self.url} is a URL, and the package fsspec is not installed",
                hint="pip install 'chainsheet[distributed]', or name a folder.",
            ) from None
        try:
            files, root = fsspec.core.url_to_fs(self.url)
        except (ImportError, ValueError) as error:
            raise EngineError(f"{self.url} cannot be reached", detail=str(error)) from None
        return files, str(root).rstrip("/")

    def _failed(self, done: str, path: str, error: Exception) -> EngineError:
        words = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return EngineError(f"{self.shown(path)} cannot be {done}", detail=str(words))


def _remote_stamp(info: dict[str, Any]) -> Stamp:
    tag = next((info[name] for name in _TAGS if info.get(name)), "")
    if isinstance(tag, dt.datetime):  # some give one time in two forms
        tag = tag.timestamp()
    return Stamp(int(info.get("size") or 0), str(tag))
