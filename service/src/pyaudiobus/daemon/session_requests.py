"""What a session manager can ask, and what can be asked of it: a method for each row of the protocol's table."""

from __future__ import annotations

from pyaudiobus.daemon.bus import Bus
from pyaudiobus.daemon.client import Answer, Client
from pyaudiobus.daemon.formats import LONGEST_RAMP
from pyaudiobus.daemon.objects import BusObject
from pyaudiobus.daemon.stream_requests import later
from pyaudiobus.daemon.waiting import Order
from pyaudiobus.errors import AudiobusError, UserError
from pyaudiobus.protocol.messages import Created
from pyaudiobus.protocol.session_messages import (
    AdmitClient,
    AnswerQuestion,
    AskSession,
    ClaimSession,
    DuckStream,
    HoldStream,
    PauseStream,
    PlaceStream,
    RefuseStream,
    SessionAsked,
    SessionClaimed,
    SuspendNode,
)
from pyaudiobus.protocol.wire import Message


class SessionRequests:
    """The session manager's part of the protocol."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    # ---- governing ----

    def do_claim_session(self, client: Client, message: Message) -> Answer:
        """Govern."""
        wish: ClaimSession = message.body
        self._bus.governing.claim(client, wish.patience)
        return Answer(SessionClaimed(wish.patience))

    def do_release_session(self, client: Client, message: Message) -> Answer:  # noqa: ARG002
        """Govern no more."""
        self._bus.governing.check(client)
        self._bus.governing.left(client, "it released the session")
        return Answer()

    def do_answer_session(self, client: Client, message: Message) -> Answer:
        """Everything before the question is decided."""
        wish: SessionAsked = message.body
        self._bus.governing.check(client)
        self._bus.governing.answered(wish.number)
        return Answer()

    def do_admit_client(self, client: Client, message: Message) -> Answer:
        """Say what a client may do."""
        wish: AdmitClient = message.body
        self._bus.governing.check(client)
        found = self._bus.registry.get(wish.client)
        if not isinstance(found, Client):
            raise UserError(f"{found.kind} {found.serial} is no client")
        self._bus.admission.admit(found, wish.role, wish.permissions)
        return Answer()

    # ---- streams ----

    def do_place_stream(self, client: Client, message: Message) -> None:
        """Link a stream."""
        wish: PlaceStream = message.body
        target = self._node(client, wish.target)
        answer = later(client, message)

        def linked(outcome: int | AudiobusError) -> None:
            answer(outcome if isinstance(outcome, AudiobusError) else Answer(Created(outcome)))

        order = Order(target, wish.format, wish.reason, wish.decision, wish.passive)
        self._bus.orders.place(self._node(client, wish.serial), order, wish.expected, linked)

    def do_hold_stream(self, client: Client, message: Message) -> Answer:
        """Let a stream wait."""
        wish: HoldStream = message.body
        self._bus.orders.hold(self._node(client, wish.serial), wish.reason)
        return Answer()

    def do_refuse_stream(self, client: Client, message: Message) -> Answer:
        """Refuse a stream."""
        wish: RefuseStream = message.body
        self._bus.orders.refuse(self._node(client, wish.serial), wish.reason)
        return Answer()

    def do_duck_stream(self, client: Client, message: Message) -> Answer:
        """Play a stream softer."""
        wish: DuckStream = message.body
        self._bus.orders.duck(self._node(client, wish.serial), wish.gain, min(wish.ramp, LONGEST_RAMP))
        return Answer()

    def do_pause_stream(self, client: Client, message: Message) -> Answer:
        """Hold a stream, or let it go on."""
        wish: PauseStream = message.body
        self._bus.orders.pause(self._node(client, wish.serial), wish.reason, is_held=wish.paused)
        return Answer()

    # ---- devices ----

    def do_suspend_node(self, client: Client, message: Message) -> Answer:
        """Close an idle device."""
        wish: SuspendNode = message.body
        self._bus.orders.suspend(self._node(client, wish.serial))
        return Answer()

    def do_try_node(self, client: Client, message: Message) -> Answer:
        """Try to open a device that failed, or to find a card that is away."""
        self._bus.governing.check(client)
        self._bus.orders.try_again(self._bus.registry.get(message.body.serial))
        return Answer()

    # ---- asking it ----

    def do_ask_session(self, client: Client, message: Message) -> None:
        """Hand a question to the session manager; it answers later, or is away."""
        wish: AskSession = message.body
        self._bus.questions.ask(client, wish.question, wish.arguments, later(client, message))

    def do_answer_question(self, client: Client, message: Message) -> Answer:
        """Hand the answer to whoever asked."""
        wish: AnswerQuestion = message.body
        self._bus.governing.check(client)
        self._bus.questions.answered(wish)
        return Answer()

    def _node(self, client: Client, serial: int) -> BusObject:
        """Return a node, for the session manager alone. Denied, NotFound, UserError."""
        self._bus.governing.check(client)
        found = self._bus.registry.get(serial)
        if found.kind != "node":
            raise UserError(f"{found.kind} {serial} ({found.name}) is no node")
        return found
