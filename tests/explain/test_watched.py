"""The chain with notes taken: what each plugin did, faults that do not fire, and questions to the server itself."""

from pathlib import Path

import pytest

from resolver.explain import explain_question
from resolver.faults.fault_list import FaultList
from resolver.wire import codes
from tests.support import cluster_objects as api
from tests.support.explained import answered, corefile, explained, over_objects
from tests.support.stub_upstream import answering, upstream

OBJECTS = [
    api.namespace("shop"),
    api.service("web", "10.0.0.1", space="shop"),
    api.external_name("out", "files.test", space="shop"),
]


async def test_a_fault_is_mentioned_and_does_not_fire() -> None:
    text = corefile("", "faults {\nweb.shop A drop times 3\nweb.shop AAAA servfail\n}")
    async with over_objects(OBJECTS, text) as server:
        found = await explain_question(server, "web.shop")
        faults = server.lasting["faults"]
        assert isinstance(faults, FaultList)
        assert [fault.count for fault in faults.faults] == [0, 0]
        assert [fault.seen for fault in faults.faults] == [0, 0]
    assert (found.rcode, len(found.records)) == ("NOERROR", 1)
    assert len(found.faults) == 1
    assert "drop" in found.faults[0]
    assert "fired 0 of 3 times" in found.faults[0]
    assert "may change what a client gets" in found.text()


async def test_a_fault_of_another_client_is_not_mentioned() -> None:
    text = corefile("", "faults {\nweb.shop servfail client 10.9.0.0/16\n}")
    async with over_objects(OBJECTS, text) as server:
        assert (await explain_question(server, "web.shop")).faults == ()
        assert len((await explain_question(server, "web.shop", client="10.9.1.1")).faults) == 1


async def test_a_question_of_the_server_to_itself_is_a_step(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("192.0.2.7 files.test\n")
    found = await explained(OBJECTS, "out.shop", text=corefile("", f"hosts {hosts} files.test", keys="."))
    assert [each.data for each in found.records] == ["files.test.", "192.0.2.7"]
    assert [(step.plugin, step.depth, step.name) for step in found.steps] == [
        ("kubernetes", 0, "out.shop.svc.cluster.local."),
        ("hosts", 1, "files.test."),
    ]
    assert "hosts answered (asked for files.test.)" in found.text()


async def test_what_is_forwarded_is_said_to_be() -> None:
    async with upstream(answering("example.org. 60 IN A 192.0.2.1")) as stub:
        text = corefile("", f"forward . {stub.address}\ncache 30", keys=".")
        async with over_objects(OBJECTS, text) as server:
            first = await explain_question(server, "example.org.")
            again = await explain_question(server, "example.org.")
    assert first.steps[-1].plugin == "forward"
    assert first.verdict.endswith("the plugin forward answered.")
    assert again.verdict.endswith("the plugin cache answered with a reply it keeps.")


async def test_a_client_is_answered_as_before() -> None:
    async with over_objects(OBJECTS) as server:
        before = answered(server, "web.shop.svc.cluster.local.", "A")
        await explain_question(server, "web.shop")
        assert answered(server, "web.shop.svc.cluster.local.", "A") == before


@pytest.mark.parametrize("qtype", ["AXFR", "IXFR"])
async def test_a_transfer_is_refused(qtype: str) -> None:
    found = await explained(OBJECTS, "cluster.local.", qtype, protocol="tcp")
    assert found.rcode == codes.rcode_text(codes.REFUSED)
    assert "transfer" in found.verdict
