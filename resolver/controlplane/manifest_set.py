"""All files of a source as they stand: what each one says, or last said before it was broken.

What a file's documents become is for the caller to say: objects that answers are made of, or objects to apply.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from resolver.controlplane.manifest_files import ManifestFile, ManifestSource, Stamp
from resolver.controlplane.manifest_places import Document, ManifestProblem
from resolver.controlplane.manifests import read_manifest


class FileContents(Protocol):
    """What a file's documents have become. `problems` make the file count as broken, `notices` do not."""

    problems: list[ManifestProblem]
    notices: list[ManifestProblem]


T = TypeVar("T", bound=FileContents)


@dataclass(frozen=True, slots=True)
class KeptFile(Generic[T]):
    """What counts of one file: its last contents that were in order, or its first ones. The rest is of the file as it
    was read last."""

    contents: T
    stamp: Stamp
    problems: tuple[ManifestProblem, ...] = ()
    notices: tuple[ManifestProblem, ...] = ()


@dataclass(slots=True)
class ManifestLook(Generic[T]):
    """A look at all files. `read`: the names of those that were new or had changed; `gone`: those that are no more;
    `unseen`: paths that could not be looked at."""

    files: dict[str, KeptFile[T]]
    read: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    unseen: list[ManifestProblem] = field(default_factory=list)

    @property
    def broken(self) -> list[str]:
        """Files read now that have problems."""
        return [name for name in self.read if self.files[name].problems]

    def problems(self) -> list[ManifestProblem]:
        """Those of files read now."""
        return [problem for name in self.read for problem in self.files[name].problems]

    def notices(self) -> list[ManifestProblem]:
        """Those of files read now."""
        return [notice for name in self.read for notice in self.files[name].notices]


class ManifestSet(Generic[T]):
    """Reads what changed since the last look.

    The first look at a file takes what is in order of it. After that a file with a problem keeps all it said before.
    So do the files of a path that cannot be looked at: a folder that is away for a moment deletes nothing.
    """

    def __init__(self, source: ManifestSource, read: Callable[[Sequence[Document]], T]) -> None:
        self._source = source
        self._read = read
        self.files: dict[str, KeptFile[T]] = {}

    def look(self) -> ManifestLook[T]:
        """All files as they are now. Takes as long as reading them does; never raises."""
        listing = self._source.listing()
        look: ManifestLook[T] = ManifestLook({}, unseen=listing.problems)
        for file in listing.files:
            old = self.files.get(file.name)
            if old is not None and old.stamp == file.stamp:
                look.files[file.name] = old
            else:
                look.read.append(file.name)
                look.files[file.name] = self._read_file(file, old)
        for name, kept in self.files.items():
            if name in look.files:
                continue
            if _is_below(name, listing.problems):
                look.files[name] = kept
            else:
                look.gone.append(name)
        self.files = look.files
        return look

    def _read_file(self, file: ManifestFile, old: KeptFile[T] | None) -> KeptFile[T]:
        try:
            documents, problems = read_manifest(file.read(), file.name)
        except OSError as error:
            documents, problems = [], [ManifestProblem(file.name, 0, "", error.strerror or str(error))]
        contents = self._read(documents)
        problems += contents.problems
        kept = old.contents if old is not None and problems else contents
        return KeptFile(kept, file.stamp, tuple(problems), tuple(contents.notices))


def _is_below(name: str, problems: Sequence[ManifestProblem]) -> bool:
    """Whether a file is one, or in one, that could not be looked at."""
    return any(name == problem.file or name.startswith(problem.file.rstrip("/") + "/") for problem in problems)
