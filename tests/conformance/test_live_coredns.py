"""A real CoreDNS and dualdns on the same random clusters, asked the same questions. Needs `coredns` on the PATH.

COREDNS_SEEDS says how many clusters each configuration is tried on (default 1).
"""

import asyncio
import io
import os
import shutil
from contextlib import asynccontextmanager
from string import Template

import pytest

from resolver.server.configuration import Source
from resolver.server.feeds import Feeds
from resolver.server.log import Log
from resolver.server.server import Server
from tests.support.answer_text import ask, differences
from tests.support.api_server import ApiServer
from tests.support.example_zone import respond
from tests.support.random_cluster import RandomCluster
from tests.support.stub_upstream import unused_port, upstream

COREDNS = shutil.which("coredns")
SEEDS = range(1000, 1000 + int(os.environ.get("COREDNS_SEEDS", "1")))
QUESTIONS = 400

CONFIGURATIONS = {
    "plain": """.:$PORT {
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        endpoint $API
    }
}
""",
    "kubeadm": """.:$PORT {
    errors
    health 127.0.0.1:$HEALTH
    ready 127.0.0.1:$READY
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        endpoint $API
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }
    prometheus 127.0.0.1:$METRICS
    forward . $STUB {
        max_concurrent 1000
    }
    cache 30 {
        disable success cluster.local
        disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
""",
    "verified": """.:$PORT {
    kubernetes cluster.local 10.0.0.0/8 fd00:10:96::/112 {
        endpoint $API
        pods verified
        endpoint_pod_names
        namespaces default blue
        ignore empty_service
        ttl 600
        fallthrough blue.svc.cluster.local 10.96.0.0/16
    }
    hosts {
        192.0.2.9 svc-1.blue.svc.cluster.local
        2001:db8::9 missing.blue.svc.cluster.local
        fallthrough
    }
}
""",
    "zonal": """.:$PORT {
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        endpoint $API
        zonal
        pods verified
    }
    forward . $STUB
}
""",
    "labels": """cluster.local:$PORT {
    kubernetes {
        endpoint $API
        noendpoints
        namespace_labels color in (blue, default)
        labels app notin (svc-3)
        ttl 0
    }
}
in-addr.arpa:$PORT ip6.arpa:$PORT {
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        endpoint $API
        namespace_labels color in (blue, default)
        labels app notin (svc-3)
    }
}
""",
}


def corefile(configuration, api, stub, port):
    ports = {name: unused_port() if port else 0 for name in ("HEALTH", "READY", "METRICS")}
    return Template(CONFIGURATIONS[configuration]).substitute(ports, API=api.url, STUB=stub.address, PORT=port)


@asynccontextmanager
async def coredns(configured, tmp_path):
    """A CoreDNS on a port of its own; a number that somebody else took first is tried anew."""
    for _ in range(5):
        port = unused_port()
        path = tmp_path / "Corefile"
        path.write_text(configured(port))
        process = await asyncio.create_subprocess_exec(
            COREDNS, "-conf", str(path), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said = b""
        async with asyncio.timeout(20):
            async for line in process.stdout:
                said += line
                if line.startswith(b"CoreDNS-"):
                    break
        if b"CoreDNS-" in said:
            break
        await process.communicate()
        if b"address already in use" not in said:
            pytest.fail(f"CoreDNS did not start: {said.decode()}")
    try:
        yield port
    finally:
        process.kill()
        await process.communicate()


@asynccontextmanager
async def dualdns(text):
    log = Log(stream=io.StringIO())
    server = Server(Source("Corefile", text), log, Feeds((), "", "", log).make)
    await server.start()
    try:
        yield server.ports()[0]
    finally:
        await server.stop()


def first_spellings(questions):
    """Without those asked before in other letters: CoreDNS's cache would say again what it said to the first ones."""
    first = {}
    return [question for question in questions if first.setdefault(question.lower(), question) == question]


@pytest.mark.skipif(COREDNS is None, reason="no coredns on the PATH")
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("configuration", CONFIGURATIONS)
async def test_both_say_the_same(configuration, seed, tmp_path):
    cluster = RandomCluster(seed)
    questions = cluster.ask_about(QUESTIONS)
    cached = "cache " in CONFIGURATIONS[configuration]
    if cached:
        questions = first_spellings(questions)
    async with ApiServer(cluster.objects, selectors=True) as api, upstream(respond) as stub:
        async with coredns(lambda port: corefile(configuration, api, stub, port), tmp_path) as port:
            expected = [await ask(question, "127.0.0.1", port) for question in questions]
        async with dualdns(corefile(configuration, api, stub, 0)) as port:
            found = [await ask(question, "127.0.0.1", port) for question in questions]
    wrong = [
        (left["q"], different)
        for left, right in zip(expected, found, strict=True)
        if (different := differences(left, right, cached=cached))
    ]
    assert wrong == []


def test_equal_seeds_give_equal_clusters():
    one, other = RandomCluster(7), RandomCluster(7)
    assert one.objects == other.objects
    assert one.ask_about(50) == other.ask_about(50)


def test_of_questions_that_differ_in_letters_the_first_is_kept():
    assert first_spellings(["A. NS", "b. NS", "a. NS", "A. NS", "a. A"]) == ["A. NS", "b. NS", "A. NS", "a. A"]
