"""The outbox and its lanes, on both databases."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Connection, delete, select, update

from storage import files, lanes, outbox, workspaces
from storage.database import Database, is_again
from storage.lanes import Free, Lease, LeaseLostError, Settled
from storage.outbox import DeliveryRow, NewDelivery
from storage.tables import Delivery, Lane, table_of
from storage.types import new_id
from storage.workspaces import WorkspaceRow
from tests.cast import ACME, NOW

SECOND = timedelta(seconds=1)
FEED = "channel:C1FEED"
Enqueue = Callable[..., None]


@pytest.fixture
def enqueue(database: Database, workspace: WorkspaceRow) -> Enqueue:
    """Write deliveries by their keys into a lane."""

    def write(*keys: str, lane: str = FEED, kind: str = "announce") -> None:
        deliveries = [NewDelivery(lane, kind, key) for key in keys]
        database.write(
            lambda session: outbox.enqueue(
                session, workspace_id=workspace.id, deliveries=deliveries, now=NOW
            )
        )

    return write


def look(database: Database, at: datetime = NOW) -> Lease | None:
    for one in database.read(lambda s: lanes.waiting(s, most=99)):
        leases = database.write(
            lambda s, one=one: lanes.claim(
                s,
                workspace_id=one.workspace_id,
                lanes=[one.lane],
                now=at,
                until=at + 30 * SECOND,
            )
        )
        if leases:
            return leases[0]
    return None


def due(database: Database) -> list[datetime]:
    return [one.at for one in database.read(lambda s: lanes.waiting(s, most=99))]


def claim(database: Database, at: datetime = NOW) -> Lease:
    lease = look(database, at)
    assert lease is not None
    return lease


def first(database: Database, lease: Lease) -> DeliveryRow | None:
    found = database.read(
        lambda s: lanes.heads(s, workspace_id=lease.workspace_id, lanes=[lease.lane])
    )
    return found.get(lease.lane)


def head(database: Database, lease: Lease) -> DeliveryRow:
    found = first(database, lease)
    assert found is not None
    return found


def sent(database: Database, lease: Lease, delivery_id: UUID) -> None:
    settled = [Settled(lease, delivery_id, "sent", NOW, "C1", "1.2")]
    database.write(lambda s: lanes.settle(s, workspace_id=lease.workspace_id, settled=settled))


def dead(database: Database, lease: Lease) -> UUID:
    delivery = head(database, lease)

    def write(session: Connection) -> None:
        lanes.mark_sending(session, workspace_id=lease.workspace_id, ids=[delivery.id])
        settled = [Settled(lease, delivery.id, "dead", error="is_archived")]
        lanes.settle(session, workspace_id=lease.workspace_id, settled=settled)

    database.write(write)
    return delivery.id


def release(database: Database, lease: Lease, next_at: datetime = NOW) -> None:
    free = [Free(lease, next_at)]
    database.write(lambda s: lanes.release(s, workspace_id=lease.workspace_id, free=free))


def test_a_delivery_finds_its_lane_although_the_first_one_there_was_rolled_back(
    database: Database, workspace: WorkspaceRow, enqueue: Enqueue
) -> None:
    enqueue("a", lane="dm")

    def give_up(session: Connection) -> None:
        deliveries = [NewDelivery(FEED, "announce", "b"), NewDelivery("dm", "notify", "c")]
        outbox.enqueue(session, workspace_id=workspace.id, deliveries=deliveries, now=NOW)
        raise LookupError

    with pytest.raises(LookupError):
        database.write(give_up)
    enqueue("d")
    waiting = database.read(lambda s: outbox.list_waiting(s, workspace_id=workspace.id))
    assert [(row.key, row.lane) for row in waiting] == [("a", "dm"), ("d", FEED)]


def test_an_empty_outbox_has_nothing_to_claim(database: Database, workspace: WorkspaceRow) -> None:
    assert look(database) is None
    assert due(database) == []


def test_a_lane_is_leased_to_one_worker_at_a_time(database: Database, enqueue: Enqueue) -> None:
    enqueue("announce:1", "announce:2")
    lease = claim(database)
    assert lease.lane == FEED
    assert look(database) is None
    release(database, lease)
    assert claim(database).lane == FEED


def test_a_lane_gives_its_deliveries_in_the_order_in_which_they_were_written(
    database: Database, enqueue: Enqueue
) -> None:
    enqueue("announce:1", "announce:2")
    enqueue("announce:3")
    lease = claim(database)
    seen = []
    for _ in range(3):
        delivery = head(database, lease)
        seen.append(delivery.key)
        sent(database, lease, delivery.id)
    assert seen == ["announce:1", "announce:2", "announce:3"]
    assert first(database, lease) is None


def test_a_lane_rests_until_its_time(database: Database, enqueue: Enqueue) -> None:
    enqueue("announce:1")
    release(database, claim(database), next_at=NOW + 5 * SECOND)
    assert look(database, NOW + 4 * SECOND) is None
    assert due(database) == [NOW + 5 * SECOND]
    assert claim(database, NOW + 5 * SECOND).lane == FEED


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_after_a_clock_was_set_back_what_waits_for_the_old_time_goes_on_and_nothing_else(
    database: Database, workspace: WorkspaceRow, enqueue: Enqueue
) -> None:
    lane = table_of(Lane)
    waits = {"soon": 10 * SECOND, "by the old time": 3600 * SECOND, "for long": 9999 * SECOND}
    for name, wait in waits.items():
        enqueue(name, lane=name)
        rest = update(lane).where(lane.c.key == name).values(next_at=NOW + wait)
        database.write(lambda s, rest=rest: s.execute(rest))

    def set_back(session: Connection) -> int:
        return lanes.set_back(
            session,
            now=NOW,
            after=NOW + 60 * SECOND,
            until=NOW + 7200 * SECOND,
            lease=30 * SECOND,
        )

    assert database.write(set_back) == 1
    found = database.read(lambda s: lanes.waiting(s, most=99))
    assert {one.lane: one.at - NOW for one in found} == waits | {"by the old time": SECOND}


def test_the_lane_that_has_waited_longest_comes_first(database: Database, enqueue: Enqueue) -> None:
    enqueue("announce:1", lane="channel:BUSY")
    enqueue("announce:2", lane="channel:QUIET")
    leases = {lease.lane: lease for lease in (claim(database), claim(database))}
    release(database, leases["channel:BUSY"], next_at=NOW - SECOND)
    release(database, leases["channel:QUIET"], next_at=NOW - 2 * SECOND)
    assert [claim(database).lane, claim(database).lane] == ["channel:QUIET", "channel:BUSY"]


def test_each_workspace_is_claimed_for_itself_the_longest_waiting_first(
    database: Database, workspace: WorkspaceRow, enqueue: Enqueue
) -> None:
    other = database.write(lambda s: workspaces.save(s, **ACME | {"team_id": "T2"}, now=NOW))
    enqueue("announce:1")
    database.write(
        lambda s: outbox.enqueue(
            s,
            workspace_id=other.id,
            deliveries=[NewDelivery(FEED, "announce", "announce:1")],
            now=NOW - SECOND,
        )
    )
    assert [one.workspace_id for one in database.read(lambda s: lanes.waiting(s, most=99))] == [
        other.id,
        workspace.id,
    ]
    leases = [
        database.write(
            lambda s: lanes.claim(
                s, workspace_id=workspace.id, lanes=[FEED], now=NOW, until=NOW + SECOND
            )
        )
        for _ in range(2)
    ]
    assert [[lease.workspace_id for lease in some] for some in leases] == [[workspace.id], []]
    assert claim(database).workspace_id == other.id


def test_adding_to_a_lane_does_not_wait_for_whoever_sends_from_it(
    database: Database, enqueue: Enqueue
) -> None:
    enqueue("announce:1")
    lease = claim(database)
    enqueue("announce:2")
    assert head(database, lease).key == "announce:1"
    assert look(database) is None


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_who_is_just_adding_to_a_lane_does_not_hide_it_nor_wait_for_it(
    database: Database, workspace: WorkspaceRow, enqueue: Enqueue
) -> None:
    enqueue("announce:1")

    def add(session: Connection, key: str) -> None:
        outbox.enqueue(
            session,
            workspace_id=workspace.id,
            deliveries=[NewDelivery(FEED, "announce", key)],
            now=NOW,
        )

    def while_adding(session: Connection) -> Lease:
        add(session, "announce:2")
        return claim(database)

    lease = database.write(while_adding)

    def while_settling(session: Connection) -> None:
        lanes.mark_sending(session, workspace_id=workspace.id, ids=[head(database, lease).id])
        database.write(lambda other: add(other, "announce:3"))

    database.write(while_settling)
    waiting = database.read(lambda s: outbox.list_waiting(s, workspace_id=workspace.id))
    assert {(row.key, row.state) for row in waiting} == {
        ("announce:1", "sending"),
        ("announce:2", "pending"),
        ("announce:3", "pending"),
    }


def test_the_same_key_is_written_once(
    database: Database, workspace: WorkspaceRow, enqueue: Enqueue
) -> None:
    enqueue("announce:1")
    enqueue("announce:1", "announce:1")
    waiting = database.read(lambda s: outbox.list_waiting(s, workspace_id=workspace.id))
    assert [row.key for row in waiting] == ["announce:1"]


def test_a_lapsed_lease_is_taken_over_and_its_old_holder_writes_nothing(
    database: Database, workspace: WorkspaceRow, enqueue: Enqueue
) -> None:
    enqueue("announce:1")
    slow = claim(database)
    delivery = head(database, slow)
    database.write(lambda s: lanes.mark_sending(s, workspace_id=workspace.id, ids=[delivery.id]))
    assert due(database) == [NOW + 30 * SECOND]
    new = claim(database, NOW + 31 * SECOND)

    with pytest.raises(LeaseLostError):
        sent(database, slow, delivery.id)
    with pytest.raises(LeaseLostError):
        release(database, slow)
    with pytest.raises(LeaseLostError):
        database.write(lambda s: lanes.renew(s, lease=slow, until=NOW + 90 * SECOND))
    left = head(database, new)
    assert (left.state, left.attempts, left.message_ts) == ("sending", 1, None)


def test_what_was_sent_in_several_lanes_is_noted_together(
    database: Database, enqueue: Enqueue
) -> None:
    held = []
    for number in range(3):
        enqueue(f"announce:{number}", lane=f"channel:C{number}")
        lease = claim(database)
        held.append((lease, head(database, lease)))

    def note(session: Connection) -> None:
        of = held[0][0].workspace_id
        lanes.settle(
            session,
            workspace_id=of,
            settled=[
                Settled(lease, row.id, "sent", NOW, f"C{number}", f"1.{number}")
                for number, (lease, row) in enumerate(held)
            ],
        )
        free = [Free(lease, NOW + number * SECOND) for number, (lease, _row) in enumerate(held)]
        lanes.release(session, workspace_id=of, free=free)

    database.write(note)
    of = held[0][0].workspace_id
    keys = [row.key for _lease, row in held]
    rows = database.read(lambda s: outbox.by_keys(s, workspace_id=of, keys=keys))
    assert [(rows[key].state, rows[key].channel, rows[key].message_ts) for key in keys] == [
        ("sent", f"C{number}", f"1.{number}") for number in range(3)
    ]
    for number in range(3):
        enqueue(f"next:{number}", lane=f"channel:C{number}")
    assert due(database) == [NOW + number * SECOND for number in range(3)]
    # Not again: the leases are given back.
    with pytest.raises(LeaseLostError):
        database.write(note)


def test_a_renewed_lease_does_not_lapse(database: Database, enqueue: Enqueue) -> None:
    enqueue("announce:1")
    lease = claim(database)
    database.write(lambda s: lanes.renew(s, lease=lease, until=NOW + 60 * SECOND))
    assert look(database, NOW + 45 * SECOND) is None


def test_a_dead_letter_does_not_block_its_lane_and_can_be_sent_again(
    database: Database, workspace: WorkspaceRow, enqueue: Enqueue
) -> None:
    enqueue("announce:1", "announce:2")
    lease = claim(database)
    gone = dead(database, lease)
    assert head(database, lease).key == "announce:2"
    [letter] = database.read(lambda s: outbox.list_dead(s, workspace_id=workspace.id))
    assert (letter.key, letter.error, letter.attempts) == ("announce:1", "is_archived", 1)
    assert database.read(outbox.counts_by_state) == {"pending": 1, "sending": 0, "dead": 1}

    later = NOW + timedelta(days=3)
    again = database.write(
        lambda s: outbox.retry(s, workspace_id=workspace.id, ids=[gone], now=later)
    )
    assert again == 1
    revived = head(database, lease)
    assert (revived.key, revived.state, revived.attempts) == ("announce:1", "pending", 0)
    assert revived.created_at == later


def test_retrying_touches_only_dead_letters(
    database: Database, workspace: WorkspaceRow, enqueue: Enqueue
) -> None:
    enqueue("announce:1")
    lease = claim(database)
    done = head(database, lease).id
    sent(database, lease, done)
    retried = database.write(
        lambda s: (
            outbox.retry(s, workspace_id=workspace.id, ids=[done, new_id()], now=NOW),
            outbox.retry(s, workspace_id=workspace.id, now=NOW),
        )
    )
    assert retried == (0, 0)


def test_what_is_done_is_cleared_but_posts_that_may_be_edited_are_kept(
    database: Database, workspace: WorkspaceRow, enqueue: Enqueue
) -> None:
    enqueue("announce:1")
    enqueue("amend:1", "amend:2", kind="amend")
    lease = claim(database)
    for _ in range(2):
        sent(database, lease, head(database, lease).id)

    def clear(before: datetime) -> int:
        return database.write(
            lambda s: outbox.clear_done(s, workspace_id=workspace.id, before=before)
        )

    assert clear(NOW) == 0
    assert clear(NOW + SECOND) == 1
    keys = ["announce:1"]
    post = database.read(lambda s: outbox.by_keys(s, workspace_id=workspace.id, keys=keys))[keys[0]]
    assert (post.state, post.channel, post.message_ts) == ("sent", "C1", "1.2")
    assert head(database, lease).key == "amend:2"


def test_whatever_is_finished_goes_by_age_and_dead_letters_some_day(
    database: Database, workspace: WorkspaceRow, enqueue: Enqueue
) -> None:
    kinds = ("announce", "notify", "amend", "remind", "retract", "upload", "welcome")
    states = ("sent", "skipped", "dead", "pending")
    of = table_of(Delivery).c
    for kind in kinds:
        enqueue(*(f"{kind}:{state}" for state in states), kind=kind)
    with database.engine.begin() as connection:
        for state in states:
            at = NOW if state in ("sent", "skipped") else None
            connection.execute(
                update(table_of(Delivery))
                .where(of.key.endswith(f":{state}"))
                .values(state=state, sent_at=at)
            )

    def cleared(clear: Callable[..., int], before: datetime, workspace_id: int) -> set[str]:
        def keys(session: Connection) -> set[str]:
            return set(session.execute(select(of.key)).scalars())

        there = database.read(keys)
        while database.write(lambda s: clear(s, workspace_id=workspace_id, before=before, limit=4)):
            pass
        return there - database.read(keys)

    for clear in (outbox.clear_done, outbox.clear_dead):
        assert cleared(clear, NOW, workspace.id) == set()
        assert cleared(clear, NOW + SECOND, workspace.id + 1) == set()
    assert cleared(outbox.clear_dead, NOW + SECOND, workspace.id) == {
        f"{kind}:dead" for kind in kinds
    }
    # Posts and messages are edited, and reminders deleted, years later; a welcome is said once.
    assert cleared(outbox.clear_done, NOW + SECOND, workspace.id) == {
        f"{kind}:skipped" for kind in kinds
    } | {f"{kind}:sent" for kind in ("amend", "retract", "upload")}


def test_threads_share_a_database_without_taking_a_lane_twice(
    database: Database, workspace: WorkspaceRow, enqueue: Enqueue
) -> None:
    names = [f"channel:C{number}" for number in range(12)]
    for name in names:
        enqueue(f"announce:{name}", lane=name)
    taken: list[str] = []

    def work() -> None:
        while (lease := look(database)) is not None:
            taken.append(lease.lane)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    # A lane whose row somebody was just locking is skipped: another look finds it.
    work()
    assert sorted(taken) == sorted(names)


def test_only_pictures_that_slack_lacks_are_uploaded(
    database: Database, workspace: WorkspaceRow
) -> None:
    def write(session: Connection) -> list[int]:
        files.save(session, workspace_id=workspace.id, key="card:1", file_id="F1", now=NOW)
        return [
            files.enqueue_uploads(
                session, workspace_id=workspace.id, keys=["card:1", "card:2"], now=NOW
            )
            for _ in range(2)
        ]

    assert database.write(write) == [1, 1]
    [waiting] = database.read(lambda s: outbox.list_waiting(s, workspace_id=workspace.id))
    assert (waiting.lane, waiting.kind, waiting.subject) == ("files", "upload", "card:2")
    # One that cannot be uploaded is not tried again with every award.
    dead(database, claim(database))
    assert database.write(write) == [1, 1]
    assert database.read(lambda s: outbox.list_waiting(s, workspace_id=workspace.id)) == []


def test_a_forgotten_picture_is_uploaded_anew(database: Database, workspace: WorkspaceRow) -> None:
    def enqueue_card(session: Connection) -> None:
        files.enqueue_uploads(session, workspace_id=workspace.id, keys=["card:1"], now=NOW)

    def save(session: Connection, file_id: str) -> None:
        files.save(session, workspace_id=workspace.id, key="card:1", file_id=file_id, now=NOW)

    database.write(enqueue_card)
    lease = claim(database)
    sent(database, lease, head(database, lease).id)
    database.write(lambda s: save(s, "F1"))
    database.write(enqueue_card)
    assert first(database, lease) is None

    database.write(lambda s: files.forget(s, workspace_id=workspace.id, keys=["card:1"]))
    database.write(enqueue_card)
    assert head(database, lease).state == "pending"
    database.write(lambda s: save(s, "F2"))
    database.write(lambda s: save(s, "F3"))
    known = database.read(lambda s: files.file_id(s, workspace_id=workspace.id, key="card:1"))
    assert known == "F3"


def test_a_lane_that_is_gone_is_made_anew_however_many_connections_remember_it(
    postgresql_database: Database,
) -> None:
    database = postgresql_database
    acme = database.write(lambda session: workspaces.save(session, **ACME, now=NOW))
    many = 4  # more than a transaction is tried
    barrier = threading.Barrier(many)

    def write(session: Connection, key: str) -> None:
        one = NewDelivery(FEED, "announce", key)
        outbox.enqueue(session, workspace_id=acme.id, deliveries=[one], now=NOW)

    def remember(session: Connection) -> None:
        if not is_again(session):
            barrier.wait(30)
        write(session, str(threading.get_ident()))

    with ThreadPoolExecutor(many) as pool:
        for done in [pool.submit(database.write, remember) for _ in range(many)]:
            done.result()
    database.write(lambda session: session.execute(delete(table_of(Delivery))))
    database.write(lambda session: session.execute(delete(table_of(Lane))))
    database.write(lambda session: write(session, "again"))
    waiting = database.read(lambda s: outbox.list_waiting(s, workspace_id=acme.id))
    assert [one.key for one in waiting] == ["again"]
