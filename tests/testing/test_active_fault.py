from resolver.faults.fault import Fault
from resolver.testing import ActiveFault


def made():
    fault = Fault.make("web.shop", qtype="AAAA", drop=True)
    fault.id = 7
    removed = []

    def remove(which):
        removed.append(which)
        return len(removed) == 1

    return ActiveFault(fault, remove), removed


def test_it_knows_its_fault():
    active, _ = made()
    active.fault.count = 2
    assert (active.id, active.count) == (7, 2)
    assert repr(active) == "<fault 7: web.shop AAAA drop; fired 2 times>"


def test_it_ends_with_its_block_or_when_it_is_removed():
    active, removed = made()
    with active as same:
        assert same is active
        assert not removed
    assert removed == [active.fault]
    assert active.remove() is False


async def test_asynchronous_blocks_end_it_too():
    active, removed = made()
    async with active as same:
        assert same is active
    assert removed == [active.fault]
