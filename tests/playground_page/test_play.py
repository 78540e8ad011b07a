"""The playground as the command line starts it, without a browser."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from urllib.request import urlopen

import pytest

from bot import people, play
from bot.play import Playground


@pytest.fixture(scope="module")
def bare() -> Iterator[Playground]:
    """One for all that look at it; the last of them awards."""
    with Playground(with_samples=False) as running:
        assert running.laurel is not None
        assert running.laurel.ours.workspace is not None
        end = time.monotonic() + 30
        while people.is_due(running.laurel.deps, running.laurel.ours.workspace):
            assert time.monotonic() < end, "Laurel does not know the people"
            time.sleep(0.01)
        yield running


def test_the_page_offers_what_the_manifest_says(bare: Playground) -> None:
    with urlopen(f"{bare.url}/page/state", timeout=30) as response:
        state = json.loads(response.read())
    assert {"/award", "/badges"} <= {one["name"] for one in state["commands"]}
    assert "award_for_message" in {one["callback_id"] for one in state["shortcuts"]}
    assert len(state["steps"]) == 3
    assert state["team"] == "Alderbrook"


def test_the_form_of_its_feed_shows_the_feed(bare: Playground) -> None:
    engine, admin = bare.engine, play.ADMIN
    engine.open_home(admin)
    for action_id in ("home_go_tab_settings", "settings_edit_feed_channel"):
        _until(lambda wanted=action_id: f"'{wanted}'" in str(engine.home(admin)))
        engine.click(admin, action_id)
    _until(lambda: engine.view(admin) is not None)
    assert f"'initial_conversation': '{engine.channel(play.FEED).id}'" in str(engine.view(admin))
    engine.close(admin)


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_laurel_knows_what_kind_of_people_they_are(bare: Playground) -> None:
    refused = {
        name: bare.engine.command(
            "maria", "/award", f"@{name} team-player", channel="kudos"
        ).reads()
        for name in ("robin", "jonas", "maria")
    }
    assert bare.engine.messages(play.FEED) == []
    assert "bot" in refused["robin"]
    assert "account isn’t active here" in refused["jonas"]
    assert "yourself" in refused["maria"]


def test_the_real_laurel_awards_in_the_made_up_company(bare: Playground) -> None:
    said = bare.engine.command("maria", "/award", "@tom team-player Well done", channel="kudos")
    assert "Tom Becker now has *Team Player*." in said.reads()
    end = time.monotonic() + 20
    while not bare.engine.messages(play.FEED) and time.monotonic() < end:
        time.sleep(0.01)
    (post,) = bare.engine.messages(play.FEED)
    assert "@Tom Becker received *Team Player*" in post.reads()


def test_nothing_stays_behind() -> None:
    playground = Playground(with_samples=False)
    folder = playground._folder
    with playground:
        assert (folder / "laurel.db").exists()
    assert not folder.exists()


def test_only_this_machine_is_served(capsys: pytest.CaptureFixture[str]) -> None:
    assert play.run("0.0.0.0", 0) == 2
    assert "for this machine alone" in capsys.readouterr().err


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        Playground(taken.getsockname()[1]).start()
