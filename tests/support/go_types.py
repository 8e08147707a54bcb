"""Reads the Go structs of the Kubernetes API and writes resolver/controlplane/api_types.json.

    python -m tests.support.go_types $(go env GOMODCACHE)/k8s.io 0.37.2

Only facts are taken: names, types, order, tags and markers of fields; no descriptions.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

PACKAGES = {
    "core": "api@v{}/core/v1",
    "apps": "api@v{}/apps/v1",
    "batch": "api@v{}/batch/v1",
    "discovery": "api@v{}/discovery/v1",
    "networking": "api@v{}/networking/v1",
    "coordination": "api@v{}/coordination/v1",
    "autoscaling": "api@v{}/autoscaling/v1",
    "scheduling": "api@v{}/scheduling/v1alpha3",
    "meta": "apimachinery@v{}/pkg/apis/meta/v1",
}
ROOTS = [
    *("core.Namespace", "core.Service", "core.Pod", "core.Node", "core.Endpoints", "core.ServiceAccount"),
    *("core.ConfigMap", "core.Secret", "core.Event", "discovery.EndpointSlice", "apps.Deployment", "apps.ReplicaSet"),
    *("apps.StatefulSet", "apps.DaemonSet", "batch.Job", "networking.Ingress", "networking.ServiceCIDR"),
    *("networking.IPAddress", "coordination.Lease", "autoscaling.Scale", "meta.DeleteOptions", "meta.Status"),
]
SPECIAL = {
    "metav1.Time": "time",
    "metav1.MicroTime": "microtime",
    "metav1.FieldsV1": "fields",
    "runtime.RawExtension": "raw",
    "intstr.IntOrString": "int-or-string",
    "resource.Quantity": "quantity",
    "types.UID": "string types.UID",
    "types.NodeName": "string types.NodeName",
}
PRIMITIVES = {"string", "bool", "int", "int32", "int64", "[]byte", "float64", "byte"}
IMPORTS = {"v1": "core", "corev1": "core", "api": "core", "metav1": "meta", "schedulingv1alpha3": "scheduling"}

_COMMENT = re.compile(r"^\s*//\s?(.*)$")
_FIELD = re.compile(r"^\t(?:(\w+)\s+)?([\w.*\[\]]+)\s+`(.*)`")
_NAMED = re.compile(r"^type (\w+) (=\s*)?([\w.\[\]*]+)\s*$")
_MARKER = re.compile(r"^\+(?:k8s:)?(\w+)(?:=(.*))?$")


class Package:
    """The structs and the named simple types of one Go package."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.structs: dict[str, tuple[list[str], list[tuple[Any, ...]]]] = {}
        self.named: dict[str, str] = {}
        for path in sorted(folder.glob("*types*.go")):
            if "generated" not in path.name and "_test" not in path.name:
                self._read(path.read_text().splitlines())

    def _read(self, lines: list[str]) -> None:
        comments: list[str] = []
        fields: list[tuple[Any, ...]] | None = None
        for line in lines:
            if comment := _COMMENT.match(line):
                comments.append(comment[1].strip())
                continue
            if opened := re.match(r"^type (\w+) struct \{(\})?", line):
                fields = []
                self.structs[opened[1]] = (_markers(comments), fields)
                fields = None if opened[2] else fields
            elif fields is None and (simple := _NAMED.match(line)):
                self.named[simple[1]] = simple[3]
            elif line.startswith("}"):
                fields = None
            elif fields is not None and (field := _FIELD.match(line)):
                fields.append((field[1] or "", field[2], field[3], _markers(comments)))
            elif not line.strip() and fields is None:
                continue  # markers may stand a blank line above the type
            comments = []


def _markers(comments: list[str]) -> list[str]:
    return [line for line in comments if _MARKER.match(line)]


class Types:
    """All packages, and the types reachable from the roots in the form of the file."""

    def __init__(self, root: Path, version: str) -> None:
        self.packages = {name: Package(name, root / path.format(version)) for name, path in PACKAGES.items()}
        self.found: dict[str, dict[str, Any]] = {}

    def describe(self) -> dict[str, dict[str, Any]]:
        for each in ROOTS:
            self._visit(each)
        return {name: self.found[name] for name in sorted(self.found)}

    def _visit(self, qualified: str) -> None:
        if qualified in self.found:
            return
        package, _, name = qualified.partition(".")
        markers, _ = self.packages[package].structs[name]
        entry: dict[str, Any] = {}
        self.found[qualified] = entry
        if "+structType=atomic" in markers:
            entry["atomic"] = True
        entry["fields"] = self._fields(package, name)

    def _fields(self, package: str, name: str) -> list[dict[str, Any]]:
        result = []
        for go_name, go_type, tags, markers in self.packages[package].structs[name][1]:
            json_tag = re.search(r'json:"([^"]*)"', tags)
            options = json_tag[1].split(",") if json_tag else ["-"]
            if options[0] == "-":
                continue
            if "inline" in options or (not go_name and not options[0]):
                inner = self._resolve(package, go_type.removeprefix("*"))
                if inner != "meta.TypeMeta" or f"{package}.{name}" not in ROOTS:
                    number = re.search(r'protobuf:"\w+,(\d+)', tags)
                    within = [int(number[1])] if number else []
                    embedded = self._fields(*inner.split(".", 1))
                    result += [each | {"within": within + each.get("within", [])} for each in embedded]
                continue
            result.append(self._field(package, go_type, tags, options, markers))
        return result

    def _field(self, package: str, go_type: str, tags: str, options: list[str], markers: list[str]) -> dict[str, Any]:
        field: dict[str, Any] = {"name": options[0], "type": self._resolve(package, go_type)}
        for innermost in re.findall(r"(\w+\.\w+)$", field["type"]):
            if innermost.split(".")[0] in self.packages:
                self._visit(innermost)
        if "omitzero" in options or "omitempty" in options:
            field["omit"] = "zero" if "omitzero" in options else "empty"
        if number := re.search(r'protobuf:"\w+,(\d+)', tags):
            field["number"] = int(number[1])
        if strategy := re.search(r'patchStrategy:"([^"]*)"', tags):
            field["patch"] = strategy[1]
        if key := re.search(r'patchMergeKey:"([^"]*)"', tags):
            field["merge_key"] = key[1]
        found = [_MARKER.match(each) for each in markers]
        values = [(each[1], each[2]) for each in found if each]
        for marker, name in (
            ("listType", "list"),
            ("mapType", "map"),
            ("structType", "struct"),
            ("default", "default"),
        ):
            for key_, value in values:
                if key_ == marker and value is not None and "ref(" not in value:
                    field[name] = json.loads(value) if marker == "default" else value
        keys = [value for key_, value in values if key_ == "listMapKey"]
        if keys:
            field["list_keys"] = list(dict.fromkeys(keys))
        if any(key_ == "optional" for key_, _ in values):
            field["optional"] = True
        return field

    def _resolve(self, package: str, go_type: str) -> str:
        """``*core.X``, ``[]core.X``, ``{}core.X`` (a map of strings), or a primitive, followed by its Go name."""
        if go_type.startswith("*"):
            return "*" + self._resolve(package, go_type[1:])
        if go_type == "[]byte":
            return "bytes"
        if go_type.startswith("[]"):
            return "[]" + self._resolve(package, go_type[2:])
        if mapped := re.match(r"map\[([\w.]+)\](.*)", go_type):
            return "{}" + self._resolve(package, mapped[2])
        if go_type in PRIMITIVES:
            return go_type
        prefix, _, bare = go_type.rpartition(".")
        target = IMPORTS.get(prefix, prefix) if prefix else package
        qualified = SPECIAL.get(go_type) or (SPECIAL.get(f"metav1.{bare}") if target == "meta" else None)
        if qualified:
            return qualified
        if target in self.packages and bare in self.packages[target].structs:
            return f"{target}.{bare}"
        if target in self.packages and bare in self.packages[target].named:
            underlying = self.packages[target].named[bare]
            resolved = self._resolve(target, underlying)
            return f"{resolved} v1.{bare}" if resolved in PRIMITIVES else resolved
        raise LookupError(f"{package}: {go_type}")


def render(types: dict[str, dict[str, Any]]) -> str:
    """One field a line, so that a new release shows as a readable difference."""
    parts = []
    for name, entry in types.items():
        head = '"atomic": true, ' if entry.get("atomic") else ""
        rows = ",\n    ".join(json.dumps(field) for field in entry["fields"])
        parts.append(f'  "{name}": {{{head}"fields": [\n    {rows}\n  ]}}' if rows else f'  "{name}": {{"fields": []}}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    root, version = Path(sys.argv[1]), sys.argv[2]
    target = Path(__file__).parents[2] / "resolver/controlplane/api_types.json"
    target.write_text(render(Types(root, version).describe()))


if __name__ == "__main__":
    main()
