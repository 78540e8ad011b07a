"""The one way into Bolt, for Slack over HTTP, for Socket Mode and for tests.

Slack waits 3 seconds. Whatever happens here, an answer leaves before that, and what it says is true:
the deadline (`storage.deadline`) decides once whether a commit was still in time. What has to call
Slack waits until the answer has left and has threads of its own, so that a Slack that hangs never
takes the threads that answer commands.
"""

import asyncio
import logging
import queue
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, NamedTuple
from urllib.error import URLError

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.error import BoltUnhandledRequestError
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.signature import SignatureVerifier

from bot import apologies, metrics
from bot.authorization import NotReadyError
from bot.delivery.trouble import SlackTroubleError, trouble_of
from bot.deps import WorkspaceRef
from bot.errors import UserFacingError
from bot.parsing import CODE_LETTERS
from bot.payloads import looked_over
from bot.pool import Inline, Pool
from storage.database import DatabaseUnavailableError
from storage.deadline import Deadline, TooLateError, answering_within, current_deadline

_log = logging.getLogger(__name__)

FollowUp = Callable[[], object]

THREADS = 8  # more would only wait for the interpreter together, and keep more of PostgreSQL busy
ANSWER_WITHIN = 2.5  # seconds; Slack's own limit is 3, and the way takes time too
IN_LINE = 512
SLOW_THREADS = 8
SLOW_IN_LINE = 1024


# What asking Slack is known to fail with, in slack_sdk and beneath it.
SLACK_TROUBLE = (
    SlackClientError,
    SlackTroubleError,
    URLError,
    HTTPException,
    TimeoutError,
    ConnectionError,
)


class Answer(NamedTuple):
    """What goes back to Slack, and what is to be done once it has left."""

    status: int
    headers: Mapping[str, Sequence[str]]
    body: str
    follow_ups: tuple[FollowUp, ...] = ()


NOT_SLACKS = Answer(400, {}, "")


@dataclass(slots=True, eq=False)
class _Asked:
    """One request on its way; answered exactly once, by whoever settles it first."""

    request: BoltRequest | None
    deadline: Deadline
    answered: Callable[[Answer], None] | None
    lock: threading.Lock
    began: float
    started: bool = False

    def count(self, outcome: str, request: BoltRequest) -> None:
        """Count the answer and the time it took."""
        kind = apologies.kind_of(request.body)
        metrics.answer_seconds.labels(kind, outcome).observe(time.perf_counter() - self.began)

    def settle(self) -> Callable[[Answer], None] | None:
        """The way to answer, for the first who asks; None for everyone after."""
        if not self.lock.acquire(blocking=False):
            return None
        answered, self.answered = self.answered, None
        return answered


# What the request that this thread is answering wants done afterwards.
_collecting: ContextVar[list[FollowUp] | None] = ContextVar("laurel_follow_ups", default=None)


class Dispatcher:
    """Runs `app.dispatch` in a bounded pool and answers in time."""

    def __init__(
        self,
        app: App,
        *,
        client: WebClient,
        clients: Callable[[WorkspaceRef], WebClient] | None = None,
        signing_secret: str,
        threads: int = THREADS,
        answer_within: float = ANSWER_WITHIN,
        slow: Pool | Inline | None = None,
        in_line: int = IN_LINE,
    ) -> None:
        self._app = app
        self._client = client  # for where no workspace is known
        self._clients = clients
        self._verifier = SignatureVerifier(signing_secret)
        self._answer_within = answer_within
        self.answering = Pool("answer", threads=threads, waiting=in_line)
        self.slow = slow or Pool("slow", threads=SLOW_THREADS, waiting=SLOW_IN_LINE)
        self._watched: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._timekeeper: threading.Thread | None = None
        self._starting = threading.Lock()
        app.error(self._on_error)

    # -- asking ----------------------------------------------------------------------------------

    def ask(self, request: BoltRequest, answered: Callable[[Answer], None]) -> None:
        """Have a request answered: `answered` is called once, from another thread, in time.

        What is no payload of Slack's is refused at once, by this thread.
        """
        if not _is_slacks(request):
            answered(NOT_SLACKS)
            return
        deadline = Deadline(self._answer_within)
        asked = _Asked(request, deadline, answered, threading.Lock(), time.perf_counter())
        if self._timekeeper is None:
            self._keep_time()
        if self.answering.submit(lambda: self._work_on(asked)):
            self._watched.put(asked)
        else:
            _log.warning("request refused", extra={"why": "every thread is busy"})
            self._give_up_on(asked)

    async def answer_async(self, request: BoltRequest) -> Answer:
        """Answer without holding the event loop."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()

        def settle(answer: Answer) -> None:
            if not future.done():  # the connection may be gone
                future.set_result(answer)

        def answered(answer: Answer) -> None:
            loop.call_soon_threadsafe(settle, answer)

        self.ask(request, answered)
        return await future

    def answer(self, request: BoltRequest) -> Answer:
        """Answer, waiting for it in this thread."""
        came: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self.ask(request, came.put)
        return came.get()

    def answer_here(self, request: BoltRequest) -> Answer:
        """Answer with this thread alone, however long it takes: for tests that step through."""
        if not _is_slacks(request):
            return NOT_SLACKS
        with answering_within(Deadline(60.0)):
            return self._run(request)

    # -- afterwards ------------------------------------------------------------------------------

    def after_acknowledgement(self, work: FollowUp) -> None:
        """Have something done once the present request is answered; at once where there is none."""
        collecting = _collecting.get()
        if collecting is None:
            self.follow_up((work,))
        else:
            collecting.append(work)

    def follow_up(self, follow_ups: Sequence[FollowUp]) -> None:
        """Do what was to be done after an answer, in the pool for slow calls."""
        for work in follow_ups:
            if not self.slow.submit(work):
                metrics.dropped.inc()
                _log.error("follow-up dropped", extra={"why": "too many are waiting for Slack"})

    def stop(self, *, within: float) -> bool:
        """Finish what was begun; whether that was done in so many seconds."""
        end = time.monotonic() + within
        done = self.answering.stop(within=within)
        done = self.slow.stop(within=max(0.0, end - time.monotonic())) and done
        self._watched.put(None)
        return done

    # -- answering -------------------------------------------------------------------------------

    def _work_on(self, asked: _Asked) -> None:
        request = asked.request
        if request is None:  # its time was over before its turn came
            return
        asked.started = True
        with answering_within(asked.deadline):
            answer = self._run(request)
        answered = asked.settle()
        asked.request = None
        if answered is not None:
            asked.count("answered", request)
            answered(answer)
        elif asked.deadline.may_have_changed:
            self._answer_late(request, answer)

    def _answer_late(self, request: BoltRequest, answer: Answer) -> None:
        """What was saved after all is told, and done, although its acknowledgement left before."""
        _log.warning("answered late", extra={"request": apologies.kind_of(request.body)})
        if apologies.kind_of(request.body) == "command" and answer.body:
            body, said = request.body, answer.body
            self.follow_up((lambda: apologies.pass_on(self._client_of(request), body, said),))
        self.follow_up(answer.follow_ups)

    def _run(self, request: BoltRequest) -> Answer:
        follow_ups: list[FollowUp] = []
        token = _collecting.set(follow_ups)
        try:
            response = self._app.dispatch(request)
        except Exception as problem:
            # Of its own steps before a listener's, Bolt does not ask its error handler.
            response = self._on_error(problem, request)
        finally:
            _collecting.reset(token)
        if not follow_ups:
            return Answer(response.status, response.headers, response.body)
        return Answer(
            response.status,
            response.headers,
            response.body,
            tuple(self._guarded(work, request) for work in follow_ups),
        )

    def _guarded(self, work: FollowUp, request: BoltRequest) -> FollowUp:
        """The same work; what goes wrong in it is told to the person who asked."""

        def guarded() -> None:
            try:
                work()
            except Exception as problem:
                self._tell(request, self._sentence(problem, request.body))

        return guarded

    def _client_of(self, request: BoltRequest) -> WebClient:
        workspace = request.context.get("workspace")
        return self._clients(workspace) if self._clients and workspace else self._client

    def _tell(self, request: BoltRequest, sentence: str) -> None:
        try:
            apologies.tell(self._client_of(request), request.body, sentence)
        except (*SLACK_TROUBLE, ValueError) as problem:
            # There is no further way to this person.
            _log.warning("words not delivered", extra={"error": type(problem).__name__})

    # -- time ------------------------------------------------------------------------------------

    def _keep_time(self) -> None:
        with self._starting:
            if self._timekeeper is None:
                self._timekeeper = threading.Thread(
                    target=self._watch, name="timekeeper", daemon=True
                )
                self._timekeeper.start()

    def _watch(self) -> None:
        # Every request has the same time, so the oldest one is always the next to run out.
        while (asked := self._watched.get()) is not None:
            if asked.answered is None:
                continue
            time.sleep(asked.deadline.left)
            if asked.answered is not None:
                self._give_up_on(asked)

    def _give_up_on(self, asked: _Asked) -> None:
        request = asked.request
        if request is None:
            return
        nothing_done = asked.deadline.expire()
        answered = asked.settle()
        if answered is None:
            return
        if not asked.started:
            asked.request = None
        if not nothing_done:
            outcome, sentence = "in_doubt", apologies.unsure(request.body)
        elif asked.started:
            outcome, sentence = "silent", apologies.database_silent(request.body)
        else:
            outcome, sentence = "busy", apologies.too_busy(request.body)
        asked.count(outcome, request)
        _log.warning(
            "answered without a result",
            extra={"request": apologies.kind_of(request.body), "outcome": outcome},
        )
        answered(self._apology(request, sentence))

    def _apology(self, request: BoltRequest, sentence: str) -> Answer:
        body = request.body
        # An answer given before Bolt had its turn must not do for strangers what Bolt would refuse.
        headers = request.headers
        if request.mode == "http" and not self.is_signed(
            request.raw_body,
            headers.get("x-slack-request-timestamp", ["0"])[0],
            headers.get("x-slack-signature", [""])[0],
        ):
            return Answer(401, {}, "")
        if apologies.kind_of(body) == "event":
            return Answer(503, {}, "")  # Slack sends events again
        response = apologies.acknowledgement(body, sentence)
        follow_ups: tuple[FollowUp, ...] = ()
        if apologies.words_follow(body):
            follow_ups = (lambda: self._tell(request, sentence),)
        return Answer(response.status, response.headers, response.body, follow_ups)

    def is_signed(self, body: str, stamp: str, signature: str) -> bool:
        """Whether Slack signed this body, within the last five minutes."""
        return bool(self._verifier.is_valid(body, stamp, signature))

    # -- problems --------------------------------------------------------------------------------

    def _on_error(self, error: Exception, request: BoltRequest) -> BoltResponse:
        """Bolt's error handler: a typed error is a sentence, an unknown one a reference."""
        body = request.body
        if isinstance(error, BoltUnhandledRequestError):
            return _unhandled(body)
        kind = apologies.kind_of(body)
        sentence = self._sentence(error, body)
        if kind == "event":
            again = isinstance(error, DatabaseUnavailableError | TooLateError | NotReadyError)
            return BoltResponse(status=503 if again else 200, body="")
        if apologies.words_follow(body):
            self.after_acknowledgement(lambda: self._tell(request, sentence))
        return apologies.acknowledgement(body, sentence)

    def _sentence(self, error: Exception, body: Mapping[str, Any]) -> str:
        if isinstance(error, UserFacingError):
            return error.sentence
        kind = apologies.kind_of(body)
        if isinstance(error, DatabaseUnavailableError | TooLateError):
            deadline = current_deadline()
            changed = deadline is not None and deadline.may_have_changed
            _log.warning("database silent", extra={"request": kind, "error": str(error)})
            return apologies.unsure(body) if changed else apologies.database_silent(body)
        if isinstance(error, SLACK_TROUBLE):
            trouble = trouble_of(error)
            _log.warning("Slack did not do it", extra={"request": kind, "error": trouble.code})
            return apologies.of_slack(trouble)
        reference = "".join(secrets.choice(CODE_LETTERS) for _ in range(4))
        _log.error(
            "request failed", exc_info=error, extra={"reference": reference, "request": kind}
        )
        return apologies.went_wrong(reference)


def _is_slacks(request: BoltRequest) -> bool:
    """Whether a request can be read; from then on its body is what was looked over."""
    body = looked_over(request.body)
    if body is None:
        _log.warning("not a payload of Slack’s")
        return False
    request.body = body
    return True


def _unhandled(body: Mapping[str, Any]) -> BoltResponse:
    """Nothing listens to this: said for a command, passed over for anything else (link buttons)."""
    kind = apologies.kind_of(body)
    _log.info("request without listener", extra={"request": kind})
    if kind == "command":
        return apologies.acknowledgement(
            body,
            "I don’t know this command. An admin can bring Laurel’s app up to date with the output"
            " of `laurel manifest`.",
        )
    return BoltResponse(status=200, body="")
