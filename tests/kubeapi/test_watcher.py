"""The watcher over real sockets: each fault of the API stand-in, and what must be true after it."""

from collections.abc import Callable
from typing import Any

import pytest

from resolver.cluster.objects import ENDPOINT_SLICES, NAMESPACES, PODS, SERVICES
from resolver.kubeapi.connection import Patience
from resolver.kubeapi.watched import LIVE_PODS, WatchedKind
from tests.support.api_server import ApiServer
from tests.support.watch_lab import Lab, lab
from tests.support.watch_world import service


def cluster() -> list[dict[str, Any]]:
    return [{"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "shop"}}, *map(service, "abcdefgh")]


async def test_lists_are_streamed_and_changes_follow() -> None:
    async with ApiServer(cluster()) as api, lab(api) as here:
        assert (here.held(NAMESPACES), here.held(SERVICES)) == (1, 8)
        api.put(service("a", 7), service("new", 8))
        await here.until(here.in_step)
        assert [len(batch) for batch in here.sink.batches] == [2], "one write is one batch"
        api.delete("Service", "shop", "b")
        await here.until(here.in_step)
        assert [query.get("sendInitialEvents") for _, query in api.requests] == ["true", "true"]
        assert here.logged == []


async def test_pages_are_taken_where_lists_are_not_streamed() -> None:
    async with ApiServer(cluster(), page=3) as api:
        api.refuse_streamed_lists()
        async with lab(api) as here:
            assert here.in_step()
            limits = [query["limit"] for path, query in api.requests if path.endswith("services") and "limit" in query]
            assert limits == ["500"] * 3
            api.put(service("a", 7))
            await here.until(here.in_step)


async def test_pods_and_labels_are_selected_by_the_server() -> None:
    def pod(name: str, phase: str, **labels: str) -> dict[str, Any]:
        meta = {"name": name, "namespace": "shop", "labels": labels}
        return {"kind": "Pod", "apiVersion": "v1", "metadata": meta, "status": {"phase": phase, "podIPs": []}}

    kinds = [WatchedKind(PODS, "", LIVE_PODS), WatchedKind(SERVICES, "app=web")]
    objects = [pod("on", "Running"), pod("off", "Succeeded"), service("a")]
    async with ApiServer(objects) as api, lab(api, kinds) as here:
        assert (here.held(PODS), here.held(SERVICES)) == (1, 0)
        api.put(pod("on", "Failed"), pod("off", "Running"))
        api.put({**service("a"), "metadata": {"name": "a", "namespace": "shop", "labels": {"app": "web"}}})
        await here.until(lambda: here.in_step() and here.held(SERVICES) == 1)


Verb = Callable[[ApiServer], Any]


def _expire_while_deleting(api: ApiServer) -> None:
    api.delete_while_disconnected("Service", "shop", "c")


def _reset_often(api: ApiServer) -> None:
    api.reset_mid_line()
    api.fail(503, times=3)


def _stranger_things(api: ApiServer) -> None:
    for kind in ("Service", "Namespace"):
        api.object_without_metadata(kind)
        api.object_of_nulls(kind)
        api.table(kind)
    api.unknown_event_type()


def _bad_values(api: ApiServer) -> None:
    odd = service("odd")
    odd["spec"] |= {"clusterIPs": ["10.96.0.300"], "ports": [{"port": 70_000, "name": "x" * 70}]}
    api.put(odd, service("x" * 64), service("fine", 9))


VERBS: dict[str, Verb] = {
    "expired in the stream": lambda api: api.expire(in_stream=True),
    "expired at open": lambda api: (setattr(api, "gone_at_open", True), _expire_while_deleting(api)),
    "deleted while disconnected": _expire_while_deleting,
    "reset between lines": lambda api: api.reset(),
    "reset in the middle of a line": lambda api: api.reset_mid_line(),
    "closed": lambda api: api.close(),
    "closed in the middle of a line": lambda api: api.close_mid_line(),
    "reset, then 503s": _reset_often,
    "429 with Retry-After": lambda api: (api.too_many_requests(2, times=2), api.reset()),
    "500": lambda api: (api.fail(500, times=2), api.reset()),
    "400 for a watch": lambda api: (api.fail(400), api.reset()),
    "an ERROR event 500": lambda api: api.error_event(500, "etcd is away"),
    "an ERROR event 429": lambda api: api.error_event(429),
    "recreated": lambda api: api.recreate("Service", "shop", "d"),
    "kinds out of order": lambda api: (api.withhold("Namespace"), api.put(*cluster()), api.release("Namespace")),
    "duplicated": lambda api: (api.put(service("a", 2), service("b", 2)), api.duplicate(2)),
    "unknown types, no metadata, nulls, tables": _stranger_things,
    "bad addresses, ports and names": _bad_values,
    "a three megabyte line": lambda api: api.three_megabyte_line(service("heavy")),
    "split at every byte": lambda api: api.split_every_byte(),
    "bookmarks only": lambda api: api.bookmark(),
    "no line but garbage": lambda api: api.send_line(b"<html>\n", "Service"),
    "a namespace with everything in it is deleted": lambda api: api.delete_namespace("shop"),
}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
async def test_after_the_fault_the_sink_comes_in_step(verb: Verb) -> None:
    async with ApiServer(cluster()) as api, lab(api) as here:
        verb(api)
        api.put(service("last", 99))
        await here.until(here.in_step)
        assert here.watcher.repaired == 0


async def test_a_stalled_watch_is_opened_again() -> None:
    async with ApiServer(cluster()) as api, lab(api, patience=Patience(5.0, 5.0, watch=0.05)) as here:
        api.stall()
        api.put(service("a", 9))
        await here.until(here.in_step)
        assert here.watcher.reconnects >= 2


async def test_a_server_that_is_away_changes_nothing_but_two_log_lines() -> None:
    async with ApiServer(cluster()) as api, lab(api) as here:
        await api.refuse_connections()
        await here.until(lambda: "refused" in here.watcher.last_error)
        for _ in range(9):
            here.clock.advance(3)
            await here.until(lambda: True)
        assert here.held(SERVICES) == 8
        await api.accept_connections()
        api.put(service("a", 9))
        await here.until(lambda: here.in_step() and here.said("INFO", "answers again") == 1)
        [error, back] = here.logged
        assert error == (
            "ERROR",
            f"Failed to watch: {api.url}: connection refused; answers stay as they are, trying again",
        )
        assert back[1].startswith(f"the Kubernetes API at {api.url} answers again, after ")


async def test_a_cluster_that_is_away_at_the_start_is_waited_for() -> None:
    async with ApiServer(cluster()) as api:
        await api.refuse_connections()
        here = Lab(api, [WatchedKind(SERVICES)])
        await here.watcher.start()
        await here.until(lambda: here.said("ERROR", "connection refused") == 1)
        assert not here.watcher.synced
        assert here.watcher.last_contact is None
        await api.accept_connections()
        await here.until(here.in_step)
        await here.watcher.stop()


async def test_missing_rights_are_said_once_with_the_rule_to_add() -> None:
    async with ApiServer(cluster()) as api:
        api.forbid("EndpointSlice")
        here = Lab(api, [WatchedKind(SERVICES), WatchedKind(ENDPOINT_SLICES)])
        await here.watcher.start()
        await here.until(lambda: len(api.requests) > 5)
        assert here.said("ERROR", 'apiGroups: ["discovery.k8s.io"]') == 1
        api.allow("EndpointSlice")
        await here.until(lambda: here.watcher.synced)
        await here.watcher.stop()


async def test_initial_events_without_an_end_lead_to_pages() -> None:
    async with ApiServer(cluster()) as api:
        api.no_initial_events_end()
        here = Lab(api, [WatchedKind(SERVICES)])
        await here.watcher.start()
        await here.until(lambda: bool(api.watching("Service")))
        here.clock.advance(11)
        await here.until(here.in_step)
        await here.watcher.stop()


@pytest.mark.parametrize(
    "body",
    [
        b'{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"1"},"rows":[]}',
        b'{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}',
        b"<html>Welcome to nginx!</html>",
        b'{"kind":"ServiceList","metadata":{"resourceVersion":"1"},"items":[{"metadata":',
        b"",
    ],
)
async def test_what_is_no_list_of_the_kind_never_replaces_one(body: bytes) -> None:
    async with ApiServer(cluster()) as api:
        api.refuse_streamed_lists()
        async with lab(api) as here:
            api.answer_with("Service", body)
            api.expire(in_stream=True)
            await here.until(lambda: here.watcher.relists == 2)
            assert [count for name, count in here.sink.replaced if name == "Service"] == [8, 8]


async def test_a_lost_window_is_repaired_by_the_audit_counted_and_logged() -> None:
    async with ApiServer(cluster()) as api, lab(api) as here:
        api.drop_silently(2)
        api.put(service("a", 9))
        api.delete("Service", "shop", "b")
        api.put(service("c", 9))
        await here.until(lambda: len(here.sink.batches) == 1)
        assert not here.in_step()
        here.clock.advance(700)
        await here.until(here.in_step)
        assert here.watcher.repaired == 2
        assert here.said("WARNING", "audit: repaired 2 objects of Service that the watch had lost") == 1


async def test_a_window_that_bookmarks_hid_is_repaired_by_the_audit() -> None:
    async with ApiServer(cluster()) as api, lab(api) as here:
        api.bookmark_only()
        api.put(service("a", 9))
        api.bookmark_only(False)
        here.clock.advance(700)
        await here.until(here.in_step)
        assert here.watcher.repaired == 1


async def test_an_audit_of_a_healthy_stream_repairs_nothing() -> None:
    async with ApiServer(cluster()) as api, lab(api) as here:
        asked = len(api.requests)
        here.clock.advance(700)
        api.put(service("a", 9))
        await here.until(lambda: len(api.requests) == asked + 2)
        api.put(service("b", 9))
        api.bookmark()
        await here.until(lambda: here.in_step() and len(here.sink.replaced) == 4)
        assert (here.watcher.repaired, here.watcher.relists) == (0, 0)


async def test_requests_are_counted_for_the_metrics() -> None:
    async with ApiServer(cluster()) as api:
        api.fail(503)
        async with lab(api) as here:
            metrics = here.watcher.requests
            assert metrics is not None
            host = api.url.removeprefix("http://")
            assert metrics.totals[("503", "GET", host)] == 1
            counts, seconds = metrics.latency[("GET", host)]
            assert sum(counts) == sum(metrics.totals.values()) == len(api.requests)
            assert seconds >= 0
            sent = api.request_headers[0]
            assert sent["User-Agent"].startswith("dualdns/")
            assert (sent["Accept"], sent["Accept-Encoding"]) == ("application/json", "identity")


async def test_a_fault_in_the_sink_is_seen_and_does_not_end_the_watch(recwarn: pytest.WarningsRecorder) -> None:
    import asyncio

    seen: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: seen.append(context))
    async with ApiServer(cluster()) as api, lab(api) as here:
        apply = here.sink.apply
        here.sink.apply = lambda *_: 1 // 0  # type: ignore[method-assign,assignment,return-value]
        api.put(service("a", 9))
        await here.until(lambda: bool(seen))
        here.sink.apply = apply  # type: ignore[method-assign]
        assert isinstance(seen[0]["exception"], ZeroDivisionError)
        api.put(service("b", 9))
        here.clock.advance(700)
        await here.until(here.in_step)


async def test_stop_leaves_the_sink_and_no_task_or_connection() -> None:
    async with ApiServer(cluster()) as api:
        async with lab(api) as here:
            pass
        await api.until(lambda: not api.watches)
        assert here.held(SERVICES) == 8
