import uuid
from random import Random

from resolver.controlplane.identity import new_uid, random_suffix


def test_a_uid_is_a_random_uuid() -> None:
    made = [new_uid(Random(seed)) for seed in range(100)]
    assert len(set(made)) == 100
    assert {(uuid.UUID(each).version, uuid.UUID(each).variant, str(uuid.UUID(each)) == each) for each in made} == {
        (4, uuid.RFC_4122, True)
    }


def test_the_same_seed_gives_the_same_uid() -> None:
    assert new_uid(Random(7)) == new_uid(Random(7))


def test_a_suffix_has_letters_that_make_no_words() -> None:
    suffix = random_suffix(Random(1), 1_000)
    assert len(suffix) == 1_000
    assert not set(suffix) & set("aeiou013")
