"""Writing files atomically, never through a link, and never over an existing file unless that is requested.

Also: recognising text files among pipes, devices and pseudo-files, and locking files against other programs.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from lstm_ascii.errors import LstmAsciiError
from lstm_ascii.interrupts import ends_like_ctrl_c

_PART = ".part"
_LONGEST_IN_PART = 48  # characters of a file's name that its temporary name keeps: file systems allow 255 bytes
_NO_LINKS = frozenset({errno.EPERM, errno.EACCES, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK})
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL})
_NEW = 0o666  # permissions of a new file; the umask takes from them


def write(path: Path, content: Iterable[bytes | memoryview], overwrite: bool) -> None:
    """Write a file atomically: under an unguessable temporary name in the same folder, which is then renamed.

    A new file gets the permissions that the umask leaves; one that is overwritten keeps its own. A symbolic link is
    never followed: with ``overwrite`` the link itself is replaced, and its target stays as it was.

    Args:
        path: of the file, in an existing folder.
        content: in pieces.
        overwrite: whether an existing file may be replaced, even one that appeared in the meantime.

    Raises:
        FileExistsError: the file exists, and ``overwrite`` is false.
        OSError: it can't be written. After any error the old file is unchanged.
    """
    if not overwrite and os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    mode = _mode_of(path)
    beside = path.with_name(f".{path.name[:_LONGEST_IN_PART]}.{os.urandom(8).hex()}{_PART}")
    with ends_like_ctrl_c():
        try:
            _fill(beside, content, mode)
            _move(beside, path, overwrite)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    _settle(path.parent)


def size_of_text(path: Path) -> int:
    """Return the size in bytes of a text file that can be read more than once.

    Raises:
        LstmAsciiError: it is missing, a folder, a pipe or a device, or its size is not that of its content, as with
            the files of /proc.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise LstmAsciiError(f"{path} is a folder; give a text file")
        if not stat.S_ISREG(status.st_mode):
            raise LstmAsciiError(f"{path} is no file on a disk; give a text file")
        if not status.st_size:
            with path.open("rb") as file:
                if file.read(1):
                    raise LstmAsciiError(f"{path} has content, but a size of 0 bytes; copy it to a file, and give that")
    except (OSError, ValueError) as error:
        raise LstmAsciiError(f"{path}: {getattr(error, 'strerror', None) or error}; give a text file") from error
    return status.st_size


def discard_parts(path: Path) -> None:
    """Remove the temporary files of killed writers of ``path``; nobody else may be writing it now."""
    start = f".{path.name[:_LONGEST_IN_PART]}."
    with suppress(OSError):
        for beside in path.parent.iterdir():
            token = beside.name[len(start) : -len(_PART)]
            if beside.name == f"{start}{token}{_PART}" and len(token) == 16 and set(token) <= set("0123456789abcdef"):
                beside.unlink(missing_ok=True)


@contextmanager
def locked(paths: Sequence[Path]) -> Iterator[None]:
    """Lock ``paths`` against other instances of this program in the block.

    The system releases a lock when the program ends, however it ends; a lock file that is left behind locks nothing.

    Raises:
        LstmAsciiError: another program holds one of the locks.
        OSError: a lock file can't be created.
    """
    with ExitStack() as stack:
        for path in sorted(set(paths)):
            stack.enter_context(_locked(path))
        yield


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of one file."""
    lock = path.with_name(f".{path.name[:_LONGEST_IN_PART]}.lock")
    handle = _open_lock(lock)
    while handle is not None and not _same(handle, lock):  # it was removed by the one that had it before
        os.close(handle)
        handle = _open_lock(lock)
    if handle is None:
        raise LstmAsciiError(f"{path} is being written by another program; wait for its end, or name another place")
    try:
        yield
    finally:
        if sys.platform == "win32":  # an open file can't be removed there
            os.close(handle)
            lock.unlink(missing_ok=True)
        else:
            lock.unlink(missing_ok=True)
            os.close(handle)


def _open_lock(lock: Path) -> int | None:
    """Open a lock file and lock it; ``None`` if another program holds the lock."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    handle = os.open(lock, flags | getattr(os, "O_NOINHERIT", 0), _NEW)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            os.close(handle)
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return None
        if error.errno not in _NO_LOCKS:  # a file system without locks must not keep anyone from writing
            raise
    return handle


def _same(handle: int, path: Path) -> bool:
    """Tell whether an open file is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(handle), path.lstat())
    except FileNotFoundError:
        return False


def _mode_of(path: Path) -> int | None:
    """Return the permissions of a plain file; ``None`` if there is none."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    return status.st_mode & 0o777 if stat.S_ISREG(status.st_mode) else None


def _fill(beside: Path, content: Iterable[bytes | memoryview], mode: int | None) -> None:
    """Create a file and sync its content to the disk; its permissions are never wider than the final ones."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY", "O_NOINHERIT"):
        flags |= getattr(os, name, 0)
    with os.fdopen(os.open(beside, flags, _NEW if mode is None else mode & _NEW), "wb") as file:
        for piece in content:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
        if mode is not None and hasattr(os, "fchmod"):
            os.fchmod(file.fileno(), mode)


def _move(beside: Path, path: Path, overwrite: bool) -> None:
    """Rename a finished file; without ``overwrite`` by a hard link, which fails if the name exists."""
    if overwrite:
        beside.replace(path)
        return
    try:
        os.link(beside, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # No hard links here. The name is taken by an empty file that is ours, which is replaced at once.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            beside.replace(path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    else:
        beside.unlink()


def _settle(folder: Path) -> None:
    """Sync a folder's entries to the disk, if the system can."""
    if os.name != "posix":
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
