"""Every limit has a reason beside it, a value that fits its bounds, and somebody who keeps it."""

import re
from pathlib import Path

import pytest

from resolver import limits

SOURCE = Path(limits.__file__)
LINES = [line for line in SOURCE.read_text(encoding="utf-8").splitlines() if re.match(r"[A-Z_0-9]+: Final", line)]
NAMES = [line.partition(":")[0] for line in LINES]


@pytest.mark.parametrize("line", LINES, ids=NAMES)
def test_a_limit_is_final_and_says_why(line: str) -> None:
    name, reason = line.split(": Final = ", 1)[0], line.partition("  # ")[2]
    assert name.isupper()
    assert len(reason) > 10, f"{name}: write its unit and its reason behind it"


def test_no_limit_is_named_twice() -> None:
    assert sorted(set(NAMES)) == sorted(NAMES)


def test_every_limit_is_kept_by_some_module() -> None:
    sources = [path.read_text(encoding="utf-8") for path in SOURCE.parent.rglob("*.py") if path != SOURCE]
    used = set(re.findall(r"\b[A-Z][A-Z_0-9]+\b", "\n".join(sources)))
    within = set(re.findall(r"= .*?\b([A-Z][A-Z_0-9]+)\b(?=.*#)", "\n".join(LINES)))
    assert [name for name in NAMES if name not in used | within] == []


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(("_FLOOR", "_MOST", "_CEILING"))])
def test_a_default_is_within_its_bounds(name: str) -> None:
    default = getattr(limits, name.rpartition("_")[0], None)
    if default is not None:
        bound = getattr(limits, name)
        assert default >= bound if name.endswith("_FLOOR") else default <= bound
