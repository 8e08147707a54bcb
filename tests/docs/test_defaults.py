"""Defaults and options that tables of the documents tell are those of the code."""

import argparse
import inspect
import re
from pathlib import Path

import pytest

import resolver
from resolver import limits
from resolver.cli import cluster_options
from resolver.testing import running

DOCS = Path(resolver.__file__).parents[1] / "docs"


def table(document: str, after: str) -> dict[str, str]:
    """The first two columns of the first table behind a text."""
    text = (DOCS / document).read_text(encoding="utf-8").partition(after)[2]
    rows = re.search(r"(?:^\|.*\|\n)+", text, re.MULTILINE)
    assert rows is not None
    cells = [[cell.strip() for cell in line.split("|")[1:3]] for line in rows[0].splitlines()[2:]]
    return dict(cells)


FLAGS = table("embedded-cluster.md", "## Flags")


def helps() -> dict[str, str]:
    """What the help says of each flag of the embedded cluster."""
    parser = argparse.ArgumentParser()
    cluster_options.add_flags(parser)
    return {flag: action.help or "" for action in parser._actions for flag in action.option_strings}


@pytest.mark.parametrize("named", FLAGS)
def test_a_flag_of_the_embedded_cluster_has_the_default_that_its_help_says(named: str) -> None:
    flag = re.split(r"[ =]", named.strip("`"))[0]
    default = re.search(r"default (\S+)$", helps()[flag])
    if default is not None:
        assert default[1] in FLAGS[named]


@pytest.mark.parametrize(
    ("flag", "default"),
    [
        ("`--max-endpoints-per-slice`", limits.ENDPOINTS_PER_SLICE),
        ("`--mirroring-max-endpoints-per-subset`", limits.MIRRORED_ADDRESSES),
    ],
)
def test_numbers_in_the_table_are_the_limits(flag: str, default: int) -> None:
    assert FLAGS[flag] == str(default)


def test_the_options_of_a_test_s_server_are_in_its_guide() -> None:
    told = {name for cell in table("testing.md", "asyncio.run(with_a_loop())") for name in re.findall(r"`(\w+)`", cell)}
    options = {each.name for each in inspect.signature(running).parameters.values() if each.kind is each.KEYWORD_ONLY}
    assert told == options
