"""The recorded watches of a real kube-apiserver: the same changes give the same lines."""

import json
from typing import Any

import pytest

from resolver import limits
from resolver.controlplane.api.dispatch import Dispatch
from resolver.controlplane.api.exchange import Reply, Request, WatchStart
from resolver.controlplane.api.watching import Watch
from resolver.controlplane.cluster_api import ClusterApi
from resolver.controlplane.resources import NAMESPACES, SERVICES
from tests.controlplane.golden_forms import cases, golden
from tests.support.golden_exchanges import blank_event, form
from tests.support.served_cluster import made_cluster, utc_now

CASES = cases("watch")
NEW = {
    "metadata": {"name": "new"},
    "spec": {"clusterIP": "10.43.21.1", "selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": "http"}]},
}
SECOND = {"ipFamilyPolicy": "PreferDualStack", "clusterIPs": ["10.43.21.1", "fd43::2101"], "ipFamilies": None}


class Replay:
    """A filled cluster and requests to it, without a socket."""

    def __init__(self) -> None:
        self.api: ClusterApi = made_cluster()
        self.api.create(NAMESPACES, "", {"metadata": {"name": "shop"}})
        for each in golden("list")["objects"]["services"]:
            self.api.create(SERVICES, "shop", each)
        self._dispatch = Dispatch(self.api, utc_now, lambda: True)
        self.woken = 0

    def start(self, name: str, **changed: str) -> Watch | Reply:
        """The watch of a recorded case, with some parameters of our own."""
        request = CASES[name]["request"]
        query = "&".join(f"{key}={value}" for key, value in {**request["query"], **changed}.items())
        accept = request.get("headers", {}).get("Accept", "")
        answer = self._dispatch.answer(Request("GET", request["path"], query, accept))
        return Watch(self.api, answer, self._wake) if isinstance(answer, WatchStart) else answer

    def watch(self, name: str, **changed: str) -> Watch:
        found = self.start(name, **changed)
        assert isinstance(found, Watch)
        return found

    def _wake(self) -> None:
        self.woken += 1

    def send(self, method: str, name: str, body: Any = None, *, query: str = "") -> None:
        path = "/api/v1/namespaces/shop/services" + (f"/{name}" if name else "")
        media = "application/merge-patch+json" if method == "PATCH" else "application/json"
        text = b"" if body is None else json.dumps(body).encode()
        answer = self._dispatch.answer(Request(method, path, query, "", media, "", text))
        assert isinstance(answer, Reply)
        assert answer.status < 300, answer.body


def _events(lines: bytes) -> list[Any]:
    return [blank_event(json.loads(line)) for line in lines.splitlines()]


def _recorded(name: str, *, bookmarks: bool = False) -> list[Any]:
    events = [blank_event(each) for each in CASES[name]["response"]["events"]]
    plain = [each for each in events if bookmarks or "annotations" in each["object"].get("metadata", {})]
    return [each for each in events if each["type"] != "BOOKMARK" or each in plain]


@pytest.mark.parametrize(
    "name",
    [
        "services/initial-events-every-namespace",
        "services/initial-events-of-selected",
        "services/no-version",
        "services/version-zero",
    ],
)
def test_a_watch_begins_with_what_there_is(name: str) -> None:
    assert _events(b"".join(Replay().watch(name).first())) == _recorded(name)


def test_changes_follow_the_initial_events() -> None:
    replay = Replay()
    watch = replay.watch("services/initial-events")
    lines = b"".join(watch.first()) + watch.take()
    replay.send("POST", "", NEW)
    replay.send("PATCH", "new", {"spec": SECOND})
    replay.send("PATCH", "new", {"spec": {"ipFamilyPolicy": "SingleStack"}})
    replay.send("DELETE", "new")
    assert replay.woken == 1
    assert _events(lines + watch.take()) == _recorded("services/initial-events")


def test_a_watch_from_a_version_brings_what_came_after_it() -> None:
    replay = Replay()
    version = str(replay.api.store.version)
    replay.send("POST", "", NEW)
    replay.send("PATCH", "new", {"spec": SECOND})
    replay.send("PATCH", "new", {"spec": {"ipFamilyPolicy": "SingleStack"}})
    replay.send("DELETE", "new")
    watch = replay.watch("services/from-version", resourceVersion=version)
    lines = b"".join(watch.first()) + watch.take() + watch.bookmark()
    assert _events(lines) == _recorded("services/from-version", bookmarks=True)


def test_one_object_is_watched_by_its_name() -> None:
    replay = Replay()
    watch = replay.watch("services/one-by-field")
    lines = b"".join(watch.first())
    replay.send("PATCH", "db", {"metadata": {"annotations": {"a": "b"}}})
    replay.send("PATCH", "web", {"metadata": {"annotations": {"a": "b"}}})
    assert _events(lines + watch.take()) == _recorded("services/one-by-field")


def test_an_object_that_leaves_the_selection_is_deleted_for_its_watchers() -> None:
    replay = Replay()
    watch = replay.watch("services/leaves-the-selection", resourceVersion=str(replay.api.store.version))
    replay.send("PATCH", "files", {"metadata": {"labels": {"team": "x"}}})
    replay.send("PATCH", "files", {"metadata": {"labels": {"team": None}}})
    assert _events(watch.take()) == _recorded("services/leaves-the-selection")


def test_only_the_first_table_of_a_watch_has_columns() -> None:
    replay = Replay()
    replay.send("PATCH", "db", {"metadata": {"annotations": {"a": "b"}}})
    watch = replay.watch("services/table")
    lines = b"".join(watch.first())
    changed = CASES["services/table"]["response"]["events"][1]["object"]["rows"][0]["object"]["metadata"]
    replay.send("PATCH", "db", {"metadata": {"annotations": changed.get("annotations"), "labels": changed["labels"]}})
    found, recorded = _events(lines + watch.take()), _recorded("services/table")
    assert found[0] == recorded[0]
    assert [each["object"]["columnDefinitions"] for each in found[1:]] == [None] * (len(recorded) - 1)


@pytest.mark.parametrize("name", [each for each in CASES if each.startswith("bad/")])
def test_options_that_cannot_be_are_refused(name: str) -> None:
    recorded = CASES[name]["response"]
    if name == "bad/version-garbage":
        with pytest.raises(Exception, match="invalid syntax") as error:
            Replay().start(name)
        assert error.value.to_status() == recorded["body"]  # type: ignore[attr-defined]  # a StatusError
        return
    answer = Replay().start(name)
    assert isinstance(answer, Reply)
    assert (answer.status, json.loads(answer.body)) == (recorded["status"], recorded["body"])


def test_a_version_that_lies_ahead_brings_nothing_until_it_is_reached() -> None:
    replay = Replay()
    watch = replay.watch("future/version", resourceVersion=str(replay.api.store.version + 1))
    replay.send("PATCH", "db", {"metadata": {"annotations": {"a": "1"}}})
    assert b"".join(watch.first()) + watch.take() == b""
    replay.send("PATCH", "db", {"metadata": {"annotations": {"a": "2"}}})
    assert [each["type"] for each in _events(watch.take())] == ["MODIFIED"]


def test_initial_events_of_a_version_that_lies_ahead_are_refused_in_the_stream() -> None:
    watch = Replay().watch("future/initial-events")
    recorded = CASES["future/initial-events"]["response"]["events"]
    assert [form(each) for each in _events(b"".join(watch.first()))] == [form(each) for each in recorded]
    assert watch.ended


def test_what_is_too_old_is_told_in_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT_CHANGES", 1)
    watch = Replay().watch("old/version-before-the-cache")
    recorded = CASES["old/version-before-the-cache"]["response"]["events"]
    assert [form(each) for each in _events(b"".join(watch.first()))] == [form(each) for each in recorded]
    assert watch.ended


def test_a_watcher_that_falls_behind_the_past_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT_CHANGES", 3)
    replay = Replay()
    watch = replay.watch("services/version-zero")
    assert watch.take() == b""
    for number in range(5):
        replay.send("PATCH", "db", {"metadata": {"annotations": {"a": str(number)}}})
    assert [each["object"]["code"] for each in _events(watch.take())] == [410]
    assert watch.ended
    assert watch.take() == b""


def test_old_paths_watch_too() -> None:
    watch = Replay().watch("old/watch-prefix")
    assert [each["type"] for each in _events(b"".join(watch.first()))] == ["ADDED"] * 5
