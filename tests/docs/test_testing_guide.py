import re
from pathlib import Path

import pytest

import resolver.explain.explaining
import resolver.testing.fixtures
import resolver.testing.process_resolver  # a run within this one takes along what it is the first to import

pytest_plugins = ["pytester"]

GUIDE = (Path(resolver.__file__).parents[1] / "docs/testing.md").read_text()
MANIFEST = re.search(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
EXAMPLES = re.findall(r"^## (.*?)$|```python\n(.*?)```", GUIDE, re.DOTALL | re.MULTILINE)


def examples():
    """Each block of Python under the heading it stands under."""
    heading = "The first example"
    for title, code in EXAMPLES:
        heading = title or heading
        if code:
            yield pytest.param(code, id=heading)


@pytest.mark.parametrize("code", list(examples()))
def test_examples_pass(pytester, code):
    assert MANIFEST is not None
    pytester.makefile(".yaml", web=MANIFEST[1])
    pytester.makepyfile(code)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:asyncio")
    outcomes = result.parseoutcomes()
    assert outcomes.pop("passed", 0) + outcomes.pop("skipped", 0) == code.count("def test_")
    assert not set(outcomes) - {"warnings"}


def test_the_report_in_the_guide_is_a_real_one(pytester):
    assert MANIFEST is not None
    pytester.makefile(".yaml", web=MANIFEST[1])
    first = next(code for _, code in EXAMPLES if code)
    pytester.makepyfile(first.replace("[socket.AF_INET]", "[]"))
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:asyncio")
    shown = re.search(r"```\n-+ dualdns: questions and answers -+\n(.*?)```", GUIDE, re.DOTALL)
    assert shown is not None
    for line in shown[1].splitlines():
        words = line.partition(")  ")[2] or line.strip()
        if not words.startswith("<"):
            result.stdout.fnmatch_lines_random([f"*{words}"])
