"""Which files hold the manifests: paths on disk, standard input, or the demo inside the package."""

import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from typing import BinaryIO, Final, NamedTuple, Protocol

from resolver import limits
from resolver.controlplane.manifest_places import ManifestProblem

STANDARD_INPUT: Final = "-"
SUFFIXES: Final = (".yaml", ".yml", ".json")

Stamp = tuple[int, ...]
"""What changes when a file does."""


class ManifestFile(NamedTuple):
    """A file by the name that problems use. `read` gives its bytes, or raises OSError."""

    name: str
    stamp: Stamp
    read: Callable[[], bytes]


class WatchedFolder(NamedTuple):
    """A folder whose changes matter, with or without what is below it."""

    path: str
    recursive: bool


class ManifestListing(NamedTuple):
    """The files there are, in the order they are read; paths that could not be looked at; names that are gone."""

    files: list[ManifestFile]
    problems: list[ManifestProblem]


class ManifestSource(Protocol):
    """Where manifests come from."""

    def listing(self) -> ManifestListing:
        """The files there are now."""

    def folders(self) -> list[WatchedFolder]:
        """What to watch; nothing where nothing can change."""


class ManifestPaths:
    """Files and folders as named on the command line; ``-`` is standard input.

    Of a folder, and of those in it, the files that end in .yaml, .yml or .json, in the order of their names. Hidden
    files and folders are skipped, so a mounted ConfigMap is read once. What is no file on disk (standard input, a pipe)
    is read once and remembered.
    """

    def __init__(self, paths: Sequence[str], standard_input: BinaryIO | None = None) -> None:
        self._paths = tuple(dict.fromkeys(paths))
        self._standard_input = standard_input
        self._streams: dict[str, bytes] = {}

    def listing(self) -> ManifestListing:
        listing = ManifestListing([], [])
        seen: set[str] = set()
        for path in self._paths:
            try:
                for file in self._below(path):
                    if file.name not in seen:
                        seen.add(file.name)
                        listing.files.append(file)
            except OSError as error:
                name = str(error.filename or path)
                listing.problems.append(ManifestProblem(name, 0, "", _reason(error)))
        return listing

    def folders(self) -> list[WatchedFolder]:
        """A file's folder rather than the file: editors put a new file in its place."""
        found = []
        for path in self._paths:
            if path == STANDARD_INPUT or _is_stream(path):
                continue
            if os.path.isdir(path):
                found.append(WatchedFolder(path, recursive=True))
            else:
                found.append(WatchedFolder(os.path.dirname(path) or ".", recursive=False))
        return list(dict.fromkeys(found))

    def _below(self, path: str) -> Iterator[ManifestFile]:
        if path == STANDARD_INPUT:
            yield ManifestFile("standard input", (), lambda: self._stream(STANDARD_INPUT))
            return
        status = os.stat(path)
        if not stat.S_ISDIR(status.st_mode):
            yield self._file(path, status)
            return
        for number, (name, found) in enumerate(_walk(path, ())):
            if number >= limits.MANIFEST_FILES:
                raise OSError(0, f"holds more than {limits.MANIFEST_FILES} manifests: name a smaller folder", path)
            yield self._file(name, found)

    def _file(self, path: str, status: os.stat_result) -> ManifestFile:
        if not stat.S_ISREG(status.st_mode):
            return ManifestFile(path, (), lambda: self._stream(path))
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino, status.st_dev)
        return ManifestFile(path, stamp, lambda: _read(path))

    def _stream(self, path: str) -> bytes:
        found = self._streams.get(path)
        if found is None:
            if path == STANDARD_INPUT:
                found = _bounded(self._standard_input or sys.stdin.buffer, "standard input")
            else:
                found = _read(path)
            self._streams[path] = found
        return found


class PackagedManifests:
    """The demo: manifests inside the package; the same in a checkout, a wheel and a zip file."""

    def __init__(self, package: str = "resolver", folder: str = "demo") -> None:
        self._folder = files(package) / folder
        self._name = folder

    def listing(self) -> ManifestListing:
        found = sorted(
            (each for each in self._folder.iterdir() if each.name.endswith(SUFFIXES)), key=lambda each: each.name
        )
        return ManifestListing([ManifestFile(f"{self._name}/{each.name}", (), each.read_bytes) for each in found], [])

    def folders(self) -> list[WatchedFolder]:
        return []


def _walk(folder: str, above: tuple[tuple[int, int], ...]) -> Iterator[tuple[str, os.stat_result]]:
    """(path, status) of the manifests below a folder. Links are followed, except back to a folder they are in."""
    status = os.stat(folder)
    here = (status.st_dev, status.st_ino)
    if here in above or len(above) >= limits.MANIFEST_FOLDERS:
        return
    for name in sorted(os.listdir(folder)):
        if name.startswith("."):
            continue
        path = os.path.join(folder, name)
        try:
            found = os.stat(path)
        except FileNotFoundError:
            continue  # a link to nothing, or gone since: no manifest
        if stat.S_ISDIR(found.st_mode):
            yield from _walk(path, (*above, here))
        elif stat.S_ISREG(found.st_mode) and name.endswith(SUFFIXES):
            yield path, found


def _is_stream(path: str) -> bool:
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return _bounded(file, path)


def _bounded(file: BinaryIO, name: str) -> bytes:
    data = file.read(limits.MANIFEST_SIZE + 1)
    if len(data) > limits.MANIFEST_SIZE:
        raise OSError(0, f"is larger than {limits.MANIFEST_SIZE >> 20} MiB: split it", name)
    return data


def _reason(error: OSError) -> str:
    return "there is no such file or folder" if isinstance(error, FileNotFoundError) else error.strerror or str(error)
