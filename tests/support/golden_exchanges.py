"""Recorded exchanges and ours in one form: placeholders for what is random, a time, or our own words."""

import json
import re
from typing import Any

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CURRENT = re.compile(r"current: \d+")
_TOO_OLD = re.compile(r"too old resource version: \d+ \(\d+\)")
_TIMES = ("endpoints.kubernetes.io/last-change-trigger-time",)


def form(value: Any, *, keep_record: bool = False) -> Any:
    """An answer's body as the recorded files have it."""
    shown = _form(value, "", keep_record)
    if isinstance(shown, dict) and shown.get("kind") == "Table":
        _blank_table(shown)
    return shown


def same(recorded: Any, ours: Any) -> bool:
    """Equal, order of keys included."""
    return json.dumps(recorded) == json.dumps(ours)


def blank_event(event: Any) -> Any:
    """A line of a watch in that form."""
    shown = _form(event, "", False)
    if shown["object"].get("kind") == "Table":
        _blank_table(shown["object"])
    return shown


def _form(value: Any, key: str, keep_record: bool) -> Any:
    if isinstance(value, dict):
        return {
            name: _form(each, name, keep_record)
            for name, each in value.items()
            if keep_record or name != "managedFields"
        }
    if isinstance(value, list):
        return [_form(each, key, keep_record) for each in value]
    if isinstance(value, str):
        if key == "resourceVersion":
            return "RV"
        if key == "uid" or key in _TIMES:
            return "UID" if key == "uid" else "TIME"
        if value.startswith("apiVersion: "):
            return _yaml_form(value)
        text = _CURRENT.sub("current: N", _TOO_OLD.sub("too old resource version: N (N)", value))
        return _UID.sub("UID", text) if key == "message" else _TIME.sub("TIME", text)
    return value


def _yaml_form(text: str) -> str:
    text = re.sub(r"^  managedFields:\n(  (- | ).*\n)*", "", text, flags=re.MULTILINE)
    for field, shown in (("creationTimestamp", "TIME"), ("resourceVersion", "RV"), ("uid", "UID")):
        text = re.sub(rf'^(\s*{field}: )"?[^"\n]+"?$', rf"\1{shown}", text, flags=re.MULTILINE)
    return text


def _blank_table(table: Any) -> None:
    definitions = table["columnDefinitions"] or []
    for each in definitions:
        each["description"] = "DESCRIPTION"
    ages = [index for index, each in enumerate(definitions) if each["name"] in ("Age", "Last Seen", "First Seen")]
    for row in table["rows"]:
        for index, cell in enumerate(row["cells"]):
            aged = re.fullmatch(r"(\d+[smhdy])+|AGE|<unknown>", str(cell))
            if index in ages or (not definitions and aged):
                row["cells"][index] = "AGE"
