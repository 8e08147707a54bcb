"""200,000 mutated packets, in parts that run beside each other under xdist; each part can be repeated by its seed."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.fuzz_door import Target, run
from tests.support.mutations import SEEDS

PARTS = 20
PACKETS_OF_A_PART = 10_000
READ_TWICE = 30  # every so many replies dnspython reads it too; it takes ten times as long as our own look


@pytest.mark.parametrize("seed", range(PARTS))
def test_whatever_comes_the_reply_is_sound(seed: int) -> None:
    target = Target(second_opinion=READ_TWICE)
    run(seed, PACKETS_OF_A_PART, target)
    assert target.replies > PACKETS_OF_A_PART // 2, "the mutations are so wild that nothing is answered"
    assert target.answered > PACKETS_OF_A_PART // 10, "the mutations are so wild that nothing is understood"
    assert target.read_twice >= target.replies // READ_TWICE


def test_the_packets_mutated_are_sound_to_begin_with() -> None:
    target = Target()
    for packet in SEEDS:
        target(packet, "udp")
        target(packet, "tcp")


def test_the_target_is_a_program() -> None:
    program = Path(__file__).with_name("fuzz_door.py")
    done = subprocess.run(
        [sys.executable, str(program), "-runs=1000"], capture_output=True, text=True, check=True, timeout=300
    )
    assert "nothing found" in done.stdout or "Done 1000" in done.stderr
