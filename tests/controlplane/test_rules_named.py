"""Every rule of the dual-stack rules has a test that bears its number: ``test_c7_…``, ``test_s8_and_s9_…``."""

import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
SECTIONS = {
    "versions and gates": "V1 V2 V3 V4",
    "order of work": "P1 P2 P3 P4 P5 P6 P7 P8 P9 P10",
    "defaults": "F1 F2 F3 F4 F5 F6 F7",
    "create": "C1 C2 C3 C4 C5 C6 C7 C8 C9 C10 C11 C12 C13 C14 C15 C16 C17 C18 C19 C20 C21 C22 C23 C24 C24a C24b C25",
    "update": "U1 U2 U3 U4 U5 U6 U7 U8 U9 U10 U11 U12 U13 U14 U15 U16 U17 U18 U19 U20 U21",
    "allocation": "A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11",
    "EndpointSlices": "S1 S2 S3 S4 S5 S6 S7 S8 S9 S10 S11 S12 S13 S14 S15 S16 S17 S18 S19 S20 S21 S22 S23 S24 S24a S25",
    "mirrored slices": "M1 M2 M3 M4 M5 M6 M6a M7",
    "Endpoints": "E1 E2 E3 E4 E5 E6 E7 E8 E9",
    "resolv.conf": "D1 D2 D3 D4 D5 D6 D7 D8 D9",
    "names": "N1 N2 N3 N4 N5",
}
_NAME = re.compile(r"^(?:async )?def test_((?:[a-z]\d+[a-z]?_and_)*[a-z]\d+[a-z]?)_", re.MULTILINE)
RULES = [rule for rules in SECTIONS.values() for rule in rules.split()]


@cache
def _named() -> frozenset[str]:
    """What tests are named for."""
    texts = (path.read_text() for path in TESTS.rglob("test_*.py"))
    return frozenset(rule for text in texts for found in _NAME.findall(text) for rule in found.split("_and_"))


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_a_test_of_its_name(rule: str) -> None:
    assert rule.lower() in _named()


def test_no_test_is_named_for_a_rule_there_is_not() -> None:
    rules = {rule.lower() for rule in RULES}
    assert {name for name in _named() if name[0] in "vpfcuasmedn"} - rules == set()
