"""Random changes to random clusters: the door, with all that it keeps, must say what a slow and obvious model says.

After each batch of changes a fixed set of questions is asked three ways: of the door whose memo has lived through all
changes, of a fresh plugin over a fresh inventory of the objects in force, and of the model. Nothing may be stale,
missing or torn.
"""

from collections.abc import Sequence
from random import Random

import dns.message
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from resolver.cluster.dns_records import PodMode, View
from resolver.cluster.objects import KINDS
from resolver.wire import codes
from resolver.wire.names import name_from_text
from resolver.wire.peer import Network
from tests.support import strict
from tests.support.changing_cluster import (
    ChangingCluster,
    first_objects,
    random_letters,
    random_object,
    random_question,
)
from tests.support.cluster_model import Expected, Model, Setting
from tests.support.doors import World, query_packet, records

LOCAL = ("192.0.2.2", "fd00::53")
BOTH = ("cluster.local.", "lab.test.", "in-addr.arpa.", "ip6.arpa.")
SETTINGS = {
    "plain": Setting(BOTH, "cluster.local.", local=LOCAL),
    "verified": Setting(BOTH, "cluster.local.", view=View(pods=PodMode.VERIFIED, endpoint_pod_names=True)),
    "insecure": Setting(
        BOTH, "cluster.local.", 300, View(pods=PodMode.INSECURE, ignore_empty_service=True), local=LOCAL
    ),
    "chosen": Setting(
        ("lab.test.", "cluster.local.", "10.in-addr.arpa."),
        "lab.test.",
        3600,
        View(frozenset((b"\4shop", b"\4none"))),
    ),
    "noendpoints": Setting(BOTH, "cluster.local.", view=View(endpoints=False), local=LOCAL),
    "zonal": Setting(BOTH, "cluster.local.", 0, View(zonal=True, ignore_empty_service=True), ("lab.test.",), LOCAL),
    "multicluster": Setting(
        BOTH, "cluster.local.", view=View(endpoints=False, ignore_empty_service=True), multicluster=("lab.test.",)
    ),
}
CHANGING = ("Namespace", *["Service"] * 3, *["EndpointSlice"] * 4, "Pod", "ServiceImport")
QUESTIONS = 40
PROTOCOLS: tuple[Network, ...] = (*["udp"] * 9, "tcp")  # type: ignore[assignment]
RANDOM = st.integers(0, 2**32 - 1).map(Random)
SIZES = (4096, 4096, 4096, 512, None, 700)


def world_of(setting: Setting) -> World:
    multicluster = tuple(name_from_text(zone) for zone in setting.multicluster)
    return World(
        zones=setting.zones,
        primary=setting.primary,
        view=setting.view,
        ttl=setting.ttl,
        local=setting.local,
        multicluster_zones=multicluster,
    )


def described(message: dns.message.Message) -> Expected:
    """A reply in the model's terms."""
    authority = [text.split(" SOA ")[0] + " SOA" for text in records(message.authority)]
    answer = [text.split(" SOA ")[0] + " SOA" if " SOA " in text else text for text in records(message.answer)]
    return Expected(str(message.rcode().name), answer, authority, records(message.additional))


def compare(found: Expected, expected: Expected, *, truncated: bool) -> None:
    """Fails unless the reply is the expected one, or as much of it as fitted."""
    assert found.rcode == expected.rcode
    if truncated:
        assert set(found.answer) <= set(expected.answer)
        assert set(found.additional) <= set(expected.additional)
        assert len(found.answer) + len(found.additional) < len(expected.answer) + len(expected.additional)
    elif expected.one_of and len(found.answer) == 1:
        assert found.answer[0] in expected.answer
        assert (found.authority, found.additional) == ([], [])
    else:
        assert found == expected._replace(one_of=False)


class Question:
    """One packet that is asked again and again."""

    def __init__(self, name: str, qtype: str, size: int | None, protocol: Network) -> None:
        self.name, self.qtype, self.size, self.protocol = name, qtype, size, protocol
        self.packet = query_packet(name, qtype, edns=size, flags=codes.RD)
        self.limit = 65_535 if protocol == "tcp" else max(512, size or 0)

    @classmethod
    def drawn(cls, random: Random, zones: Sequence[str]) -> "Question":
        name, qtype = random_question(random, zones)
        letters = random_letters(random, name) if random.random() < 0.25 else name
        return cls(letters, qtype, random.choice(SIZES), random.choice(PROTOCOLS))

    def in_lower_case(self) -> "Question":
        return Question(self.name.lower(), self.qtype, self.size, self.protocol)

    def ask(self, world: World) -> tuple[Expected, bool, int]:
        """The reply, whether it was cut, and how many records it has."""
        wire = world.raw(self.packet, self.protocol)
        assert wire is not None
        shape = strict.read(wire, self.packet, self.limit)
        count = shape.answers + shape.authorities + shape.additionals
        return described(dns.message.from_wire(wire)), shape.truncated, count

    def __repr__(self) -> str:
        return f"{self.name} {self.qtype} {self.protocol} {self.size}"


class ClusterMachine(RuleBasedStateMachine):
    """A setting, a cluster, a door that lives on, and the questions."""

    setting = SETTINGS["plain"]

    def __init__(self) -> None:
        super().__init__()
        self.cluster = ChangingCluster()
        self.world = world_of(self.setting)
        self.questions: list[Question] = []

    @initialize(random=RANDOM)
    def begin(self, random: Random) -> None:
        for item in first_objects(random):
            self.cluster.put_unseen(item)
        for kind in KINDS:
            self.world.relist_kind(kind, self.cluster.relist(kind))
        model = Model(self.cluster.cached.values(), self.setting)
        for place in range(QUESTIONS):
            question = self.draw(random, model, answered=place % 3 > 0)
            if question.name != question.name.lower():
                self.questions.append(question.in_lower_case())
            self.questions.append(question)

    def draw(self, random: Random, model: Model, *, answered: bool) -> Question:
        """A question; one that has an answer now, if one such is found soon."""
        for _ in range(20 if answered else 0):
            question = Question.drawn(random, self.setting.zones)
            if model.ask(question.name, question.qtype).answer:
                return question
        return Question.drawn(random, self.setting.zones)

    @rule(random=RANDOM, count=st.integers(1, 6))
    def change(self, random: Random, count: int) -> None:
        """A batch of a watch: objects of one kind, added, modified, deleted."""
        batch = []
        kind = random.choice(CHANGING)
        for _ in range(count):
            known = [key for key in self.cluster.stored if key[0] == kind]
            if known and random.random() < 0.3:
                batch.append(self.cluster.delete(random.choice(known)))
            else:
                batch.append(self.cluster.put(random_object(random, kind)))
        self.world.apply(batch)

    @rule(random=RANDOM)
    def relist(self, random: Random) -> None:
        """A fresh list after events were lost: some objects went, some came, nobody said so."""
        kind = random.choice(list(KINDS))
        for key in [key for key in self.cluster.stored if key[0] == kind]:
            if random.random() < 0.3:
                self.cluster.delete_unseen(key)
        for _ in range(random.randint(0, 4)):
            self.cluster.put_unseen(random_object(random, kind))
        self.world.relist_kind(kind, self.cluster.relist(kind))

    @rule()
    def repeat(self) -> None:
        """What is there already comes again, as after a reconnect: nothing changes."""
        for kind in KINDS:
            self.world.relist_kind(kind, self.cluster.relist(kind))

    @invariant()
    def every_answer_is_that_of_the_objects_in_force(self) -> None:
        objects = list(self.cluster.cached.values())
        model, fresh = Model(objects, self.setting), world_of(self.setting)
        fresh.relist(*objects)
        for question in self.questions:
            expected = model.ask(question.name, question.qtype)
            lasting, cut, count = question.ask(self.world)
            compare(lasting, expected, truncated=cut)
            anew, anew_cut, anew_count = question.ask(fresh)
            compare(anew, expected, truncated=anew_cut)
            if question.qtype in ("A", "AAAA") and not expected.one_of:
                assert (cut, count) == (anew_cut, anew_count)
        self.world.calm()


@pytest.mark.parametrize("name", SETTINGS)
def test_after_any_changes_every_answer_is_that_of_the_objects(name: str) -> None:
    machine = type("Machine", (ClusterMachine,), {"setting": SETTINGS[name]})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=10,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )
