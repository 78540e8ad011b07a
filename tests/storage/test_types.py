"""Identifiers keep the order in which they were made."""

from datetime import timedelta

from storage.types import new_id
from tests.cast import NOW


def test_ids_of_one_moment_keep_their_order_whatever_is_made_in_between() -> None:
    later = NOW + timedelta(milliseconds=7)
    made = [(new_id(NOW), new_id(later)) for _ in range(50)]
    for ids in ([pair[0] for pair in made], [pair[1] for pair in made]):
        assert ids == sorted(ids)


def test_more_ids_of_one_moment_than_the_counter_holds_keep_their_order() -> None:
    ids = [new_id(NOW) for _ in range(5000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 5000


def test_ids_are_ordered_by_their_time() -> None:
    days = [NOW + timedelta(days=number) for number in (3, 1, 2)]
    assert sorted(days) == sorted(days, key=new_id)
