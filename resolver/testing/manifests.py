"""What a test gives as manifests: files, folders, text, objects, and any of these in a list; and why it was refused."""

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from resolver.controlplane.applying import Refused
from resolver.controlplane.manifest_places import ManifestProblem
from resolver.controlplane.status_error import StatusError

Manifests = str | PathLike[str] | Mapping[str, Any] | Iterable[Any]
"""A path or text (what has a line break, or begins as JSON does), an object, or several of all these."""


class RefusedByApi(AssertionError):
    """The API would not have it. The text has a line for each problem: ``web.yaml:7: Service web: spec.type: ...``.

    `problems` are those of manifests; empty where a name or a kind was refused.
    """

    def __init__(self, text: str, problems: Sequence[ManifestProblem] = ()) -> None:
        super().__init__(text)
        self.problems = tuple(problems)


def refused_by_api(error: Refused | StatusError) -> RefusedByApi:
    """The same in the words of a failed test."""
    if isinstance(error, Refused):
        return RefusedByApi(str(error), error.problems)
    return RefusedByApi(error.message)


def each_source(manifests: Iterable[Any], folders: Sequence[Path] = ()) -> list[str | Path | Mapping[str, Any]]:
    """The single sources, in order. Relative paths are looked for in `folders`, else where the process is.

    Raises RefusedByApi where there is no such file, TypeError for what is no manifest.
    """
    found: list[str | Path | Mapping[str, Any]] = []
    for one in manifests:
        if isinstance(one, Mapping):
            found.append(one)
        elif isinstance(one, str) and ("\n" in one or one.lstrip().startswith(("{", "["))):
            found.append(one if "\n" in one else f"{one}\n")
        elif isinstance(one, str | PathLike):
            found.append(_path(Path(fspath(one)), folders))
        elif isinstance(one, Iterable) and not isinstance(one, bytes | bytearray):
            found += each_source(one, folders)
        else:
            raise TypeError(f"a manifest is a path, a text or an object, not {type(one).__name__}: {one!r:.80}")
    return found


def _path(path: Path, folders: Sequence[Path]) -> Path:
    places = [folder / path for folder in folders] or [path]
    for place in places:
        if place.exists():
            return place
    looked = " and ".join(str(place.absolute()) for place in dict.fromkeys(places))
    raise RefusedByApi(
        f"{path}: there is no such file or folder (looked for {looked}); text of a manifest has more than one line"
    )
