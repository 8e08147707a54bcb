"""Every rule that code cites exists, and every rule there is gets cited somewhere."""

import re
from pathlib import Path

from resolver.explain.rules import COREDNS, KUBERNETES, RULES

FOLDERS = ("cluster", "plugins", "explain")
ROOT = Path(__file__).parents[2]
CITED = re.compile(r'"((?:k8s\.)?[A-N]\d{0,2}|k8s\.[SNU]\d{1,2})"')
NOT_RULES = {"A"}  # a record type, too


def cited() -> set[str]:
    found: set[str] = set()
    for folder in FOLDERS:
        for file in (ROOT / "resolver" / folder).glob("*.py"):
            text = file.read_text()
            if file.name != "rules.py" and ("decided" in text or "RULES" in text or "witness" in text):
                found |= set(CITED.findall(text))
    return found


def test_what_is_cited_is_a_rule() -> None:
    rules = {each for each in cited() if each not in NOT_RULES}
    assert rules
    assert rules <= RULES.keys(), rules - RULES.keys()


def test_rules_say_whose_they_are_and_where() -> None:
    assert str(RULES["F3"]) == "CoreDNS F3 (Headless Services and endpoints)"
    assert str(RULES["k8s.S8"]) == "Kubernetes S8 (EndpointSlices)"
    assert {rule.document for rule in RULES.values()} == {COREDNS, KUBERNETES}


def test_the_documentation_has_them_all() -> None:
    text = (ROOT / "docs" / "explain.md").read_text()
    for rule in RULES.values():
        assert f"| {rule.id} | {rule.text} |" in text, rule
