import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from resolver import limits
from resolver.controlplane.cluster_api import ClusterApi
from resolver.controlplane.control_plane import Settings, new_cluster
from resolver.controlplane.object_store import ObjectStore
from resolver.controlplane.resources import IP_ADDRESSES, SERVICES
from resolver.controlplane.service_ranges import service_ranges
from resolver.controlplane.state_file import BadState, StateFile
from resolver.controlplane.status_error import StatusError
from tests.support.embedded_cluster import DUAL, NOW, ask, delete, post, put

DUAL_STACK = {"ipFamilyPolicy": "RequireDualStack"}


def _opened(path: Path) -> tuple[StateFile, ClusterApi]:
    file = StateFile(path)
    store = ObjectStore(file.journal)
    file.restore(store)
    api = new_cluster(store, Settings(service_ranges(DUAL)), lambda: NOW, Random(1))
    if api.store.get(SERVICES, "default", "kubernetes") and not api.store.count(SERVICES) > 1:
        ask(api, "POST", "/api/v1/namespaces", {"metadata": {"name": "shop"}})
    return file, api


def test_objects_versions_and_addresses_are_there_again(tmp_path: Path) -> None:
    file, api = _opened(tmp_path / "state")
    post(api, DUAL_STACK)
    post(api, {"type": "NodePort"}, "ported")
    delete(api, "ported")
    before = {each.key: each.body for each in api.store.all(SERVICES)}, api.store.version
    file.close()
    file, api = _opened(tmp_path / "state")
    assert ({each.key: each.body for each in api.store.all(SERVICES)}, api.store.version) == before
    addresses = api.get(SERVICES, "shop", "cart").object["spec"]["clusterIPs"]
    assert post(api, {"clusterIP": addresses[1]}, "thief")[0] == 422
    assert post(api, {}, "later")[1]["metadata"]["resourceVersion"] == str(before[1] + 2)
    file.close()


def test_a_watch_resumes_where_it_was(tmp_path: Path) -> None:
    file, api = _opened(tmp_path / "state")
    post(api, {})
    version = api.store.version
    put(api, {"sessionAffinity": "ClientIP"})
    delete(api)
    expected = [(each.type, each.now.body) for each in api.watch(SERVICES, version, lambda: None).take()]
    file.close()
    file, api = _opened(tmp_path / "state")
    changes = api.watch(SERVICES, version, lambda: None).take()
    assert [(each.type, each.now.body) for each in changes] == expected
    assert changes[0].before is not None
    assert changes[0].before.object["spec"]["sessionAffinity"] == "None"
    file.close()


def test_old_changes_are_dropped_from_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT_CHANGES", 5)
    monkeypatch.setattr(limits, "STATE_PRUNE_EVERY", 3)
    file, api = _opened(tmp_path / "state")
    for number in range(20):
        post(api, {}, f"s{number}")
    file.close()
    file, api = _opened(tmp_path / "state")
    assert api.store.count(SERVICES) == 21
    with pytest.raises(StatusError) as caught:
        api.watch(SERVICES, 10, lambda: None)
    assert caught.value.code == 410
    file.close()


def test_one_file_has_one_cluster(tmp_path: Path) -> None:
    file, _ = _opened(tmp_path / "state")
    with pytest.raises(BadState, match="is in use by another dualdns"):
        StateFile(tmp_path / "state")
    file.close()


def test_other_files_are_refused(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("this is no database, and long enough to be looked at as one" * 20)
    with pytest.raises(BadState, match="is no state of a cluster"):
        StateFile(text)
    other = sqlite3.connect(tmp_path / "other")
    other.execute("CREATE TABLE things (name TEXT)")
    other.close()
    with pytest.raises(BadState, match="is a database of something else"):
        StateFile(tmp_path / "other")
    with pytest.raises(BadState, match="cannot be used"):
        StateFile(tmp_path / "no" / "folder")


def test_a_write_that_cannot_be_kept_is_a_500_and_has_not_happened(tmp_path: Path) -> None:
    file, api = _opened(tmp_path / "state")
    held = api.store.count(IP_ADDRESSES)
    file.close()
    status, refusal, _ = post(api, DUAL_STACK)
    assert (status, refusal["reason"]) == (500, "InternalError")
    assert "cannot be written" in refusal["message"]
    assert (api.store.count(IP_ADDRESSES), api.store.get(SERVICES, "shop", "cart")) == (held, None)


_WRITER = """
import sys
from pathlib import Path
from tests.controlplane.test_state_file import _opened, post
file, api = _opened(Path(sys.argv[1]))
for number in range(100_000):
    print(post(api, {"ipFamilyPolicy": "RequireDualStack"}, f"s{number}")[1]["metadata"]["name"], flush=True)
"""


def test_after_a_kill_everything_acknowledged_is_there(tmp_path: Path) -> None:
    path = tmp_path / "state"
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", _WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as writer:
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline().strip() for _ in range(200)]
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged += writer.stdout.read().split()
    file, api = _opened(path)
    assert acknowledged[:2] == ["s0", "s1"]
    for name in acknowledged:
        for address in api.get(SERVICES, "shop", name).object["spec"]["clusterIPs"]:
            assert api.get(IP_ADDRESSES, "", address).object["spec"]["parentRef"]["name"] == name
    assert api.store.count(IP_ADDRESSES) == 2 * (api.store.count(SERVICES) - 1) + 1
    file.close()
