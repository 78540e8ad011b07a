"""The address at which a process is to be reached is taken before anything else begins."""

import socket
from pathlib import Path

import pytest

from bot.cli.listening import CannotListenError, address_of, listen
from bot.cli.run import run


def test_a_taken_port_ends_the_start_before_anything_was_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (other,) = listen("127.0.0.1", 0)
    port = other.getsockname()[1]
    environ = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": "hush",
        "DATABASE_URL": f"sqlite:///{tmp_path}/laurel.db",
        "LAUREL_PORT": str(port),
    }
    with other:
        assert run(environ, tmp_path / ".env") == 2
    assert capsys.readouterr().err == (
        f"Port {port} is taken by another program: LAUREL_PORT={port + 1} chooses another.\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1", "a" * 80, "bad..host"])
def test_a_host_that_is_not_this_machine_is_named_with_what_to_set(host: str) -> None:
    with pytest.raises(CannotListenError) as refused:
        listen(host, 0)
    assert str(refused.value).startswith(f"This machine has no address “{host}”: set LAUREL_HOST")


def test_a_name_is_served_at_each_of_its_addresses_that_there_are() -> None:
    taken = listen("localhost", 0)
    for one in taken:
        with socket.create_connection(one.getsockname()[:2], timeout=5):
            pass
        one.close()


def test_the_address_is_one_that_a_browser_takes() -> None:
    assert address_of("127.0.0.1", 3000) == "http://127.0.0.1:3000"
    assert address_of("::1", 3000) == "http://[::1]:3000"
