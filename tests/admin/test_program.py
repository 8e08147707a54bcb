"""Counters, reload and explain over the API."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.administered import Administered, administered

COUNTED = ".:0 {\nbind 127.0.0.1\nprometheus 127.0.0.1:0\nkubernetes cluster.local\n}\n"
WEB = "web.shop.svc.cluster.local."


async def counter(here: Administered, name: str, **labels: str) -> list[Any]:
    found = (await here.get("/v1/counters"))["counters"]
    return [row["value"] for row in found if row["name"] == name and labels.items() <= row["labels"].items()]


async def test_what_goes_through_the_sockets_is_counted() -> None:
    async with administered() as here:
        for tcp in (False, False, True):
            await here.served.ask(WEB, tcp=tcp)
        assert await counter(here, "dualdns_received_total", proto="udp") == [2]
        assert await counter(here, "dualdns_received_total", proto="tcp") == [1]
        assert await counter(here, "dualdns_sent_total", proto="udp") == [2]
        assert await counter(here, "dualdns_dropped_total", proto="udp") == [0]
        assert await counter(here, "dualdns_history_questions_total") == [3]
        assert await counter(here, "dualdns_history_questions") == [3]
        assert await counter(here, "coredns_panics_total") == [0]


async def test_with_prometheus_requests_are_counted_as_on_its_page() -> None:
    async with administered(corefile=COUNTED) as here:
        for _ in range(5):
            await here.served.ask(WEB, "AAAA")
        assert await counter(here, "coredns_dns_requests_total", type="AAAA", proto="udp") == [5]
        (sizes,) = await counter(here, "coredns_dns_request_size_bytes", proto="udp")
        assert sum(sizes["counts"]) == 5
        assert len(sizes["counts"]) == len(sizes["bounds"]) + 1


async def test_a_reload_takes_up_the_corefile_as_it_is_now(tmp_path: Path) -> None:
    corefile = tmp_path / "Corefile"
    corefile.write_text(".:0 {\nbind 127.0.0.1\nkubernetes cluster.local\n}\n")
    async with administered(path=str(corefile)) as here:
        corefile.write_text(".:0 {\nbind 127.0.0.1\nkubernetes other.local\n}\n")
        assert await here.ask("POST", "/v1/reload", json={}) == (200, {"reloaded": True})
        assert (await here.served.ask(WEB)).rcode().name == "SERVFAIL"  # no plugin answers
        assert (await here.served.ask("web.shop.svc.other.local.")).rcode().name == "NOERROR"
        corefile.write_text(".:0 {\nbind 127.0.0.1\nkubernets other.local\n}\n")
        status, found = await here.ask("POST", "/v1/reload", json={})
        assert status == 409
        assert "the configuration stays as it was: " in found["error"]
        assert "kubernets" in found["error"]
        assert (await here.served.ask("web.shop.svc.other.local.")).rcode().name == "NOERROR"
        assert len(here.history) == 3


async def test_an_answer_is_explained() -> None:
    async with administered() as here:
        found = await here.get("/v1/explain", name="web.shop", type="AAAA")
        assert found["rcode"] == "NOERROR"
        assert "fd00:10:96::1" in str(found["records"])
        assert len(here.history) == 0


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "missing required field `name`"),
        ("name=web.shop&type=AAA", "AAA"),
        ("name=a..b", "0 bytes long"),
        ("name=web&client=host", "client 'host' is no address"),
        ("name=web&protocol=dot", "Invalid enum value 'dot'"),
        ("name=web&bufsize=70000", "<= 65535"),
    ],
)
async def test_what_cannot_be_explained_is_told(query: str, reason: str) -> None:
    async with administered() as here:
        status, found = await here.ask("GET", f"/v1/explain?{query}")
        assert status == 400
        assert reason in found["error"]
