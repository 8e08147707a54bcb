from collections.abc import Callable

import pytest

from resolver import limits
from resolver.controlplane.object_store import ADDED, DELETED, MODIFIED, Change, ObjectStore
from resolver.controlplane.resources import CONFIG_MAPS, NAMESPACES, SERVICES, Resource
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import JsonObject, StoredObject


def _value(name: str, namespace: str = "shop", **fields: object) -> JsonObject:
    return {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": name, "namespace": namespace}, **fields}


def _filled(*names: str) -> ObjectStore:
    store = ObjectStore()
    for name in names:
        store.create(CONFIG_MAPS, _value(name))
    return store


def _get(store: ObjectStore, name: str) -> StoredObject:
    found = store.get(CONFIG_MAPS, "shop", name)
    assert found is not None
    return found


def _create(store: ObjectStore, *names: str) -> None:
    with store.transaction():
        for name in names:
            store.create(CONFIG_MAPS, _value(name))


def _fail_after(store: ObjectStore, write: Callable[[], object]) -> None:
    """The writes happen in a transaction that an exception leaves."""
    try:
        with store.transaction():
            write()
            raise KeyError
    except KeyError:
        return


def _names(items: list[StoredObject]) -> list[str]:
    return [each.name for each in items]


def test_versions_rise_over_all_kinds() -> None:
    store = ObjectStore()
    first = store.create(CONFIG_MAPS, _value("a"))
    second = store.create(NAMESPACES, {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "b"}})
    assert second.version == first.version + 1 == store.version
    assert first.object["metadata"]["resourceVersion"] == str(first.version)


def test_an_update_of_what_is_not_current_is_a_conflict() -> None:
    store = _filled("a")
    old = _get(store, "a")
    store.update(CONFIG_MAPS, old.copy() | {"data": {"k": "v"}}, old)
    with pytest.raises(StatusError) as caught:
        store.update(CONFIG_MAPS, old.copy(), old)
    assert (caught.value.code, caught.value.reason) == (409, "Conflict")


def test_an_update_of_what_is_gone_is_not_found() -> None:
    store = _filled("a")
    old = _get(store, "a")
    store.delete(old)
    with pytest.raises(StatusError) as caught:
        store.update(CONFIG_MAPS, old.copy(), old)
    assert caught.value.code == 404


def test_a_name_is_taken_once() -> None:
    with pytest.raises(StatusError, match='configmaps "a" already exists'):
        _filled("a", "a")


def test_lists_are_sorted_by_namespace_and_name_as_paths_are() -> None:
    store = ObjectStore()
    for namespace, name in (("b", "a"), ("a-b", "z"), ("a", "b"), ("a", "a")):
        store.create(CONFIG_MAPS, _value(name, namespace))
    assert [each.key for each in store.page(CONFIG_MAPS).items] == ["a-b/z", "a/a", "a/b", "b/a"]
    assert [each.key for each in store.page(CONFIG_MAPS, "a").items] == ["a/a", "a/b"]


def test_a_list_continues_as_it_was_when_it_began() -> None:
    store = _filled("a", "b", "c", "d")
    first = store.page(CONFIG_MAPS, "shop", limit=2)
    assert (_names(first.items), first.remaining, first.last) == (["a", "b"], 2, "shop/b")
    store.delete(_get(store, "c"))
    store.create(CONFIG_MAPS, _value("bb"))
    old = _get(store, "d")
    store.update(CONFIG_MAPS, old.copy() | {"data": {"k": "v"}}, old)
    second = store.page(CONFIG_MAPS, "shop", at=first.version, after=first.last, limit=2)
    assert (_names(second.items), second.remaining, second.last) == (["c", "d"], 0, "")
    assert second.items[1] is old
    assert _names(store.page(CONFIG_MAPS, "shop").items) == ["a", "b", "bb", "d"]


def test_a_selection_limits_what_matches() -> None:
    store = _filled("a", "b", "c")
    page = store.page(CONFIG_MAPS, limit=1, matches=lambda each: each.name != "a")
    assert (_names(page.items), page.remaining, page.last) == (["b"], None, "shop/b")


def test_a_version_ahead_is_a_504_and_one_too_old_a_410(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT_CHANGES", 2)
    store = _filled("a", "b", "c", "d")
    with pytest.raises(StatusError, match="Too large resource version: 99, current: 5"):
        store.page(CONFIG_MAPS, at=99)
    with pytest.raises(StatusError, match="too old") as caught:
        store.page(CONFIG_MAPS, at=2)
    assert caught.value.code == 410
    assert _names(store.page(CONFIG_MAPS, at=3).items) == ["a", "b"]


def test_a_reader_gets_every_change_in_order() -> None:
    store = _filled("a")
    woken: list[bool] = []
    reader = store.subscribe(CONFIG_MAPS, store.version, lambda: woken.append(True))
    old = _get(store, "a")
    new = store.update(CONFIG_MAPS, old.copy() | {"data": {"k": "v"}}, old)
    store.create(CONFIG_MAPS, _value("b"))
    gone = store.delete(new)
    assert woken == [True]
    changes = reader.take()
    assert [(each.type, each.now.name) for each in changes] == [(MODIFIED, "a"), (ADDED, "b"), (DELETED, "a")]
    assert changes[0].before is old
    assert changes[2].now is gone
    assert gone.version == store.version
    assert reader.take() == []


def test_a_reader_is_woken_once_for_what_it_has_not_taken() -> None:
    store = _filled("a")
    woken: list[bool] = []
    reader = store.subscribe(CONFIG_MAPS, store.version, lambda: woken.append(True))
    for name in "bcd":
        store.create(CONFIG_MAPS, _value(name))
    assert len(woken) == 1
    assert len(reader.take(2)) == 2
    store.create(CONFIG_MAPS, _value("e"))
    assert len(woken) == 1
    assert len(reader.take()) == 2
    store.create(CONFIG_MAPS, _value("f"))
    assert len(woken) == 2


def test_a_reader_resumes_from_a_version() -> None:
    store = _filled("a", "b", "c")
    first = _get(store, "a").version
    changes = store.subscribe(CONFIG_MAPS, first, lambda: None).take()
    assert [each.now.name for each in changes] == ["b", "c"]


def test_a_reader_that_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT_CHANGES", 2)
    store = _filled("a")
    reader = store.subscribe(CONFIG_MAPS, store.version, lambda: None)
    for name in "bcde":
        store.create(CONFIG_MAPS, _value(name))
    with pytest.raises(StatusError) as caught:
        reader.take()
    assert (caught.value.code, caught.value.reason) == (410, "Expired")
    with pytest.raises(StatusError, match="too old resource version"):
        store.subscribe(CONFIG_MAPS, 1, lambda: None)


def test_a_closed_reader_is_not_woken() -> None:
    store = ObjectStore()
    woken: list[bool] = []
    reader = store.subscribe(CONFIG_MAPS, store.version, lambda: woken.append(True))
    reader.close()
    reader.close()
    store.create(CONFIG_MAPS, _value("a"))
    assert woken == []


def test_a_transaction_happens_whole_or_not_at_all() -> None:
    store = _filled("a", "b")
    version = store.version
    reader = store.subscribe(CONFIG_MAPS, version, lambda: None)

    def write() -> None:
        store.delete(_get(store, "a"))
        old = _get(store, "b")
        store.update(CONFIG_MAPS, old.copy() | {"data": {"k": "v"}}, old)
        store.create(CONFIG_MAPS, _value("c"))

    _fail_after(store, write)
    assert (store.version, reader.take()) == (version, [])
    assert _names(store.page(CONFIG_MAPS).items) == ["a", "b"]
    assert "data" not in _get(store, "b").object


def test_an_inner_transaction_is_part_of_the_outer_one() -> None:
    store = ObjectStore()

    def write() -> None:
        with store.transaction():
            store.create(CONFIG_MAPS, _value("a"))

    _fail_after(store, write)
    assert store.count(CONFIG_MAPS) == 0


def test_a_journal_gets_each_commit_and_can_refuse_it() -> None:
    kept: list[list[str]] = []

    def journal(changes: list[Change]) -> None:
        if any(each.now.name == "bad" for each in changes):
            raise OSError("disk full")
        kept.append([each.now.name for each in changes])

    store = ObjectStore(journal)
    store.create(CONFIG_MAPS, _value("a"))
    _create(store, "b", "c")
    with pytest.raises(OSError, match="disk full"):
        store.create(CONFIG_MAPS, _value("bad"))
    with pytest.raises(OSError, match="disk full"):
        _create(store, "d", "bad")
    assert kept == [["a"], ["b", "c"]]
    assert _names(store.page(CONFIG_MAPS).items) == ["a", "b", "c"]
    assert store.version == 4


class _Names:
    """An index: the names that are there."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def changed(self, before: StoredObject | None, now: StoredObject | None) -> None:
        if before:
            self.names.remove(before.name)
        if now:
            self.names.add(now.name)


def test_an_index_follows_every_change_and_what_is_taken_back() -> None:
    store = _filled("a")
    index = _Names()
    store.index(CONFIG_MAPS, index)
    store.create(CONFIG_MAPS, _value("b"))
    store.delete(_get(store, "a"))
    _fail_after(store, lambda: (store.create(CONFIG_MAPS, _value("c")), store.delete(_get(store, "b"))))
    assert index.names == {"b"}


def test_an_object_is_decoded_anew_once_it_is_forgotten() -> None:
    stored = _filled("a").page(CONFIG_MAPS).items[0]
    before = stored.object
    assert stored.object is before
    stored.forget()
    assert stored.object == before
    assert stored.copy() is not stored.object


def test_an_item_of_a_list_has_no_kind() -> None:
    stored = _filled("a").page(CONFIG_MAPS).items[0]
    assert stored.item == b'{"metadata":{"name":"a","namespace":"shop","resourceVersion":"2"}}'
    assert stored.body == stored.resource.head + stored.item[1:]


@pytest.mark.parametrize("resource", [CONFIG_MAPS, SERVICES])
def test_an_empty_list_has_the_version_of_the_store(resource: Resource) -> None:
    page = ObjectStore().page(resource)
    assert (page.items, page.version, page.remaining, page.last) == ([], 1, 0, "")
