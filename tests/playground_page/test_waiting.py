"""What the page's address answers while the playground is being set up."""

import threading
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

from bot.play import Playground
from bot.playground import Engine
from bot.playground.page import waiting


def ask(url: str, path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, str]:
    """Ask for a path of this machine, and return the answer with what it says."""
    line = HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        line.request(method, path, headers=headers)
        response = line.getresponse()
        return response, response.read().decode()
    finally:
        line.close()


def test_whoever_is_early_is_asked_to_wait_and_is_shown_the_page_once_it_is_there() -> None:
    go_on, early = threading.Event(), threading.Event()

    def clock() -> datetime:
        if threading.current_thread().name == "setting-up":
            early.set()  # the address answers, and nobody has moved in yet
            go_on.wait(60)
        return datetime.now(UTC)

    playground = Playground(with_samples=False, clock=clock)
    starting = threading.Thread(target=playground.start, name="setting-up")
    try:
        starting.start()
        assert early.wait(60)
        for path in ("/", "/page/state", "/page/events"):
            response, said = ask(playground.url, path)
            assert (response.status, response.headers["retry-after"]) == (503, "1")
            assert response.headers["cache-control"] == "no-store"
            assert "default-src 'none'" in response.headers["content-security-policy"]
            assert "Laurel is getting ready" in said
        assert ask(playground.url, "/static/css/waiting.css")[0].status == 200
        # These are Laurel's own, at an address of its own, and must not seem to be here.
        early_health = [ask(playground.url, path)[0].status for path in ("/healthz", "/readyz")]
        go_on.set()
        starting.join(60)
        response, said = ask(playground.url, "/")
        assert (response.status, response.headers["retry-after"]) == (200, None)
        assert "getting ready" not in said
        assert ask(playground.url, "/page/state")[0].status == 200
        health = [ask(playground.url, path)[0].status for path in ("/healthz", "/readyz")]
        assert early_health == health == [404, 404]
    finally:
        go_on.set()
        starting.join(60)
        playground.stop()


def test_the_apps_name_is_shown_as_written() -> None:
    engine = Engine()
    engine.mount(waiting("<b>Tom & Co</b>", fonts={}))
    with engine:
        _response, said = ask(engine.url, "/")
    assert "<h1>&lt;b&gt;Tom &amp; Co&lt;/b&gt; is getting ready…</h1>" in said
    assert "<b>" not in said


def test_what_an_open_page_does_meanwhile_is_refused_in_words_it_can_show() -> None:
    engine = Engine()
    engine.mount(waiting("Laurel", fonts={}))
    with engine:
        kind = {"content-type": "application/json"}
        response, said = ask(engine.url, "/page/act", "POST", **kind)
        assert (response.status, response.headers["content-type"]) == (503, "application/json")
        assert said == '{"error":"Laurel is getting ready. Please try again in a few seconds."}'
        strange, _ = ask(engine.url, "/page/act", "POST", **kind, origin="https://evil.example")
        assert strange.status == 403
        assert ask(engine.url, "/", host="rebind.example")[0].status == 400
