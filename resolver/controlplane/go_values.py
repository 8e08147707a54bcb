"""JSON values as Go's fmt prints them: messages about patches show what they were given that way."""

from typing import Any, Final

from resolver.controlplane.go_text import go_quote

_TYPES: Final = {
    dict: "map[string]interface {}",
    list: "[]interface {}",
    str: "string",
    bool: "bool",
    int: "int64",
    float: "float64",
}


def go_type_of(value: Any) -> str:
    """``%T``."""
    return _TYPES.get(type(value), "<nil>")


def go_value(value: Any) -> str:
    """``%v`` and ``%+v``."""
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{go_value(value[key])}' for key in sorted(value))}]"
    if isinstance(value, list):
        return f"[{' '.join(map(go_value, value))}]"
    return _plain(value) if not isinstance(value, str) else value


def go_syntax(value: Any) -> str:
    """``%#v``."""
    if isinstance(value, dict):
        return f"{_TYPES[dict]}{{{', '.join(f'{go_quote(key)}:{go_syntax(value[key])}' for key in sorted(value))}}}"
    if isinstance(value, list):
        return f"{_TYPES[list]}{{{', '.join(map(go_syntax, value))}}}"
    if value is None:
        return "interface {}(nil)"
    return go_quote(value) if isinstance(value, str) else _plain(value)


def _plain(value: Any) -> str:
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, int) else f"{value:g}"
