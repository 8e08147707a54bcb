"""What counts of each file over several looks: the last contents that were in order."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from resolver.controlplane.manifest_files import ManifestFile, ManifestListing, WatchedFolder
from resolver.controlplane.manifest_places import Document, ManifestProblem
from resolver.controlplane.manifest_set import ManifestSet


@dataclass
class Contents:
    names: list[str]
    problems: list[ManifestProblem] = field(default_factory=list)
    notices: list[ManifestProblem] = field(default_factory=list)


def _read(documents: Sequence[Document]) -> Contents:
    contents = Contents([str(document.metadata["name"]) for document in documents])
    contents.problems += [
        document.problem("metadata.name", "is bad") for document in documents if document.metadata["name"] == "bad"
    ]
    contents.notices += [document.problem("kind", "is odd") for document in documents if document.kind == "Odd"]
    return contents


class Files:
    """Files in memory; a text that is an OSError is raised."""

    def __init__(self, **texts: str | OSError) -> None:
        self.texts = texts
        self.problems: list[ManifestProblem] = []
        self.reads: list[str] = []

    def listing(self) -> ManifestListing:
        return ManifestListing([self._file(name) for name in self.texts], self.problems)

    def folders(self) -> list[WatchedFolder]:
        return []

    def _file(self, name: str) -> ManifestFile:
        def read() -> bytes:
            self.reads.append(name)
            text = self.texts[name]
            if isinstance(text, OSError):
                raise text
            return text.encode()

        return ManifestFile(name, (hash(str(self.texts[name])),), read)


def _object(name: str, kind: str = "Pod") -> str:
    return f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}}}\n---\n"


def _names(manifests: ManifestSet[Contents]) -> dict[str, list[str]]:
    return {name: file.contents.names for name, file in manifests.files.items()}


def test_only_files_that_changed_are_read_again() -> None:
    files = Files(a=_object("x"), b=_object("w"))
    manifests = ManifestSet(files, _read)
    assert manifests.look().read == ["a", "b"]
    assert manifests.look().read == []
    files.texts["b"] = _object("z")
    look = manifests.look()
    assert (look.read, look.gone, look.problems()) == (["b"], [], [])
    assert _names(manifests) == {"a": ["x"], "b": ["z"]}
    assert files.reads == ["a", "b", "b"]


def test_a_file_that_breaks_keeps_all_it_said_and_the_others_go_on() -> None:
    files = Files(a=_object("x") + _object("w"), b=_object("z"))
    manifests = ManifestSet(files, _read)
    manifests.look()
    files.texts |= {"a": _object("new") + "a: [", "b": _object("new")}
    look = manifests.look()
    assert (look.broken, [problem.file for problem in look.problems()]) == (["a"], ["a"])
    assert _names(manifests) == {"a": ["x", "w"], "b": ["new"]}
    files.texts["a"] = _object("mended")
    assert manifests.look().broken == []
    assert _names(manifests) == {"a": ["mended"], "b": ["new"]}


def test_one_bad_object_breaks_a_file_too() -> None:
    files = Files(a=_object("x"))
    manifests = ManifestSet(files, _read)
    manifests.look()
    files.texts["a"] = _object("w") + _object("bad")
    (problem,) = manifests.look().problems()
    assert str(problem) == "a:7: Pod bad: metadata.name: is bad"
    assert _names(manifests) == {"a": ["x"]}


def test_the_first_look_takes_what_is_in_order() -> None:
    files = Files(a=_object("x") + "kind: Pod\n", b="a: [", c=OSError(13, "Permission denied"))
    manifests = ManifestSet(files, _read)
    look = manifests.look()
    assert [str(problem) for problem in look.problems()] == [
        "a:5: Pod: apiVersion: is missing: write apiVersion: v1",
        "b:1: is no YAML: did not find expected node content while parsing a flow node (a bracket is never closed)",
        "c: Permission denied",
    ]
    assert _names(manifests) == {"a": ["x"], "b": [], "c": []}
    assert manifests.look().problems() == []


def test_a_file_that_is_gone_is_gone() -> None:
    files = Files(a=_object("x"), b=_object("w"))
    manifests = ManifestSet(files, _read)
    manifests.look()
    del files.texts["a"]
    assert manifests.look().gone == ["a"]
    assert _names(manifests) == {"b": ["w"]}


def test_a_path_that_cannot_be_looked_at_keeps_its_files() -> None:
    texts = {"shop/a": _object("x"), "shop/b/c": _object("w"), "shops": _object("z")}
    files = Files(**texts)
    manifests = ManifestSet(files, _read)
    manifests.look()
    files.texts = {}
    files.problems = [ManifestProblem("shop", 0, "", "there is no such file or folder")]
    look = manifests.look()
    assert (look.gone, look.unseen) == (["shops"], files.problems)
    assert _names(manifests) == {"shop/a": ["x"], "shop/b/c": ["w"]}


def test_notices_are_those_of_what_was_read() -> None:
    files = Files(a=_object("x", "Odd"))
    manifests = ManifestSet(files, _read)
    assert [str(notice) for notice in manifests.look().notices()] == ["a:2: Odd x: kind: is odd"]
    assert manifests.look().notices() == []
