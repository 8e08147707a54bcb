"""Files that a Corefile may import, in memory."""

import fnmatch
import posixpath
from collections.abc import Mapping


class MemoryFiles:
    """A FileReader over a mapping of absolute paths to texts, or to the OSError that reading them raises."""

    def __init__(self, files: Mapping[str, str | OSError], folder: str = "/etc/coredns") -> None:
        self.files = files
        self.folder = folder
        self.reads: list[str] = []

    def read(self, path: str) -> str:
        self.reads.append(path)
        content = self.files[path]
        if isinstance(content, OSError):
            raise content
        return content

    def glob(self, pattern: str) -> list[str]:
        return sorted(path for path in self.files if fnmatch.fnmatchcase(path, pattern))

    def resolve(self, importing_file: str, pattern: str) -> str:
        beside = posixpath.dirname(posixpath.join(self.folder, importing_file))
        return posixpath.normpath(posixpath.join(beside, pattern))
