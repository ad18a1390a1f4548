"""What clients can ask of players, and players of the bus: a method for each row of the protocol's table."""

from __future__ import annotations

from pyaudiobus.daemon.bus import Bus
from pyaudiobus.daemon.client import Answer, Client
from pyaudiobus.errors import AudiobusError
from pyaudiobus.protocol.messages import Created
from pyaudiobus.protocol.wire import Message


class PlayerRequests:
    """Players and their remote control."""

    def __init__(self, bus: Bus) -> None:
        self._players = bus.players

    def do_announce_player(self, client: Client, message: Message) -> Answer:
        """Make a player known."""
        return Answer(Created(self._players.announce(client, message.body)))

    def do_player_state(self, client: Client, message: Message) -> Answer:
        """Take note of what a player does."""
        self._players.tell(client, message.body)
        return Answer()

    def do_command_player(self, client: Client, message: Message) -> None:
        """Ask a player; it is answered when the player has."""

        def later(answer: Answer | AudiobusError) -> None:
            if isinstance(answer, Answer):
                client.answer(message, answer)
            else:
                client.refuse(message, answer)

        self._players.command(client, message.body, later)

    def do_answer_player(self, client: Client, message: Message) -> Answer:
        """Hand an answer on."""
        self._players.answer(client, message.body)
        return Answer()
