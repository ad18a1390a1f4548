"""What people can ask the running session manager, and what it says: why, settings, what it remembers, its scripts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import AudiobusError, UserError
from pyaudiobus.model.memory import Memory
from pyaudiobus.model.settings import SETTINGS, setting_named
from pyaudiobus.policy.decide import Decision
from pyaudiobus.policy.explain import as_words, explain
from pyaudiobus.policy.streams import streams
from pyaudiobus.policy.why_not import why_not
from pyaudiobus.protocol.session_messages import AnswerQuestion, SessionQuestion
from pyaudiobus.session.session import Session
from pyaudiobus.session.state_file import as_words as memory_words
from pyaudiobus.session.status import status

MOST_LINE = 4000
"""Characters of one string of an answer."""
MOST_TEXT = 56_000
"""Bytes of an answer: it has to fit into one message."""
MOST_TOLD = 20
"""Streams in a list of those that may be meant."""
BY_NUMBER = "Say which by its number."
Lines = list[str]
Arguments = Mapping[str, str]


class Answering:
    """Answers for one session manager."""

    def __init__(self, remote: Remote, session: Session, reload: Callable[[], None]) -> None:
        """`reload` reads the configuration again, or raises a UserError and changes nothing."""
        self._remote = remote
        self._session = session
        self._reload = reload
        self._free: dict[str, Callable[[Arguments], Lines]] = {
            "status": self._status,
            "explain": self._explain,
            "why-not": self._why_not,
            "settings": self._settings,
            "hooks": self._hooks,
            "state": self._state,
        }
        self._managers: dict[str, Callable[[Arguments], Lines]] = {
            "set-setting": self._set,
            "save-setting": self._save,
            "reset-setting": self._reset,
            "reset-state": self._reset_state,
            "reload": self._read_again,
        }

    def answer(self, asked: SessionQuestion) -> None:
        """Answer one question, be it with why it cannot be answered."""
        try:
            answer = AnswerQuestion(asked.number, fitting(self._answer(asked)))
        except AudiobusError as error:
            answer = AnswerQuestion(asked.number, fitting(list(error.facts)), error.what[:MOST_LINE], error.advice)
        self._remote.ask_later("answer-question", answer, _whatever)

    def _answer(self, asked: SessionQuestion) -> Lines:
        found = self._free.get(asked.question) or self._managers.get(asked.question)
        if found is None:
            known = ", ".join((*self._free, *self._managers))
            raise UserError(f"the session manager knows no question {asked.question!r}", facts=[f"known: {known}"])
        if asked.question in self._managers and not asked.is_manager:
            raise AudiobusError("only a manager may change what the session manager does")
        return found(asked.arguments)

    def _status(self, arguments: Arguments) -> Lines:  # noqa: ARG002  # every answer has these arguments
        return status(self._session)

    # ---- why ----

    def _explain(self, arguments: Arguments) -> Lines:
        serial = self._subject(arguments.get("subject", ""))
        decisions = self._session.history.about(serial)
        question, name = arguments.get("question", ""), arguments.get("subject")
        if not decisions:
            raise UserError(f"nothing was decided about {name!r} so far")
        if question:
            asked = ", ".join(dict.fromkeys(one.question for one in decisions))
            decisions = [one for one in decisions if one.question == question]
            if not decisions:
                raise UserError(f"{question} was not asked about {name!r} so far", facts=[f"asked: {asked}"])
        if "json" in arguments:
            return [json.dumps(as_words(one)) for one in decisions]
        return explain(_last_of_each(decisions), self._session.snapshot())

    def _subject(self, wanted: str) -> int:
        """Return the serial of what a person means: a stream's or sink's name, a serial, or a decision's id."""
        bus = self._session.snapshot()
        by_id = self._session.history.with_id(wanted)
        if by_id is not None:
            return by_id.subject
        known = streams(bus)
        alike = [f"{one.name} ({one.serial})" for one in known if one.name == wanted]
        if len(alike) > 1:
            raise UserError(f"{wanted!r} may be any of {len(alike)} streams", facts=alike, advice=BY_NUMBER)
        found = self._session.history.find(wanted, (*known, *bus.nodes(), *bus.of_kind("client")))
        if found is None and (shown := bus.find(wanted, "node")) is not None:
            return shown.serial
        if found is None:
            told = ", ".join(f"{one.name} ({one.serial})" for one in known[:MOST_TOLD]) or "none"
            raise UserError(f"there is no stream {wanted!r}, and there was none lately", facts=[f"streams: {told}"])
        return found

    def _why_not(self, arguments: Arguments) -> Lines:
        bus = self._session.snapshot()
        serial = self._subject(arguments.get("subject", ""))
        stream, device = bus.items.get(serial), bus.find(arguments.get("target", ""), "node")
        if stream is None:
            raise UserError(f"stream {serial} is gone")
        if device is None:
            raise UserError(f"there is no sink {arguments.get('target')!r}")
        decision = self._session.history.last(serial, "target")
        if decision is None:
            raise UserError(f"where {stream.name} plays has not been decided yet")
        return why_not(stream, device, decision, bus, self._session.configuration.chains)

    # ---- settings ----

    def _settings(self, arguments: Arguments) -> Lines:
        wanted = arguments.get("name", "")
        known = [setting_named(wanted)] if wanted else list(SETTINGS)
        settings, saved = self._session.policy.settings, self._session.state.settings
        return [json.dumps({**one.as_words(settings), "saved": one.name in saved}) for one in known]

    def _set(self, arguments: Arguments) -> Lines:
        setting = setting_named(arguments.get("name", ""))
        value = setting.parse(arguments.get("value", ""))
        self._session.set_live[setting.name] = setting.write(value)
        self._session.refresh_settings()
        return [f"{setting.name} = {setting.write(value)}"]

    def _save(self, arguments: Arguments) -> Lines:
        """Keep what was set, of one setting or of all, for the next start."""
        session, wanted = self._session, arguments.get("name", "")
        names = [setting_named(wanted).name] if wanted else sorted(session.set_live)
        present = {one.name: one.write(getattr(session.policy.settings, one.field)) for one in SETTINGS}
        before = dict(session.state.settings)
        session.state.settings.update({name: present[name] for name in names})
        if why_not := session.state.save():
            session.state.settings = before
            raise AudiobusError(f"the settings count now, and cannot be kept: {why_not}")
        return [f"{name} = {present[name]}" for name in names]

    def _reset(self, arguments: Arguments) -> Lines:
        """Return to what the file says, of one setting or of all."""
        session, wanted = self._session, arguments.get("name", "")
        names = [setting_named(wanted).name] if wanted else sorted({*session.set_live, *session.state.settings})
        for name in names:
            session.set_live.pop(name, None)
            session.state.settings.pop(name, None)
        session.state.save()
        session.refresh_settings()
        present = {one.name: one.write(getattr(session.policy.settings, one.field)) for one in SETTINGS}
        return [f"{name} = {present[name]}" for name in names]

    # ---- scripts, state ----

    def _hooks(self, arguments: Arguments) -> Lines:  # noqa: ARG002  # every answer has these arguments
        return [
            json.dumps(
                {
                    "hook": f"{one.hook.question}/{one.hook.name}",
                    "source": one.hook.source,
                    "asked": one.asked,
                    "failed": one.failed,
                    "off": one.is_off,
                    "slowest_ms": round(one.slowest * 1000, 3),
                    "reason": one.reason,
                }
            )
            for one in self._session.breaker.records()
        ] + [json.dumps({"left_out": mistake}) for mistake in self._session.configuration.mistakes]

    def _state(self, arguments: Arguments) -> Lines:  # noqa: ARG002
        state = self._session.state
        words = {**memory_words(state.memory, state.settings), "path": state.path or ""}
        return json.dumps(words, indent=1, sort_keys=True).splitlines()

    def _reset_state(self, arguments: Arguments) -> Lines:
        """Forget all that is remembered, or one kind of it."""
        state, kind = self._session.state, arguments.get("kind", "")
        if not kind:
            state.reset()
        elif kind in Memory.__annotations__:
            state.remember(state.memory.replace(**{kind: getattr(Memory(), kind)}))
            state.save()
        else:
            known = ", ".join(Memory.__annotations__)
            raise UserError(f"nothing called {kind!r} is remembered", facts=[f"known: {known}"])
        self._session.refresh_settings()
        return [f"{kind or 'everything'} is forgotten"]

    def _read_again(self, arguments: Arguments) -> Lines:  # noqa: ARG002
        self._reload()
        return ["policy file and scripts were read again", *self._session.configuration.mistakes]


def _last_of_each(decisions: list[Decision]) -> list[Decision]:
    """Return the last decision of each question, in the order in which they were made."""
    last = {decision.question: decision for decision in decisions}
    return [decision for decision in decisions if last[decision.question] is decision]


def fitting(lines: Lines) -> tuple[str, ...]:
    """Return lines as one message can carry them; where there are too many, the last one says so."""
    kept: Lines = []
    size = 0
    for number, line in enumerate(lines):
        size += len(line[:MOST_LINE].encode()) + 8
        if size > MOST_TEXT:
            kept.append(f"... and {len(lines) - number} lines more")
            break
        kept.append(line[:MOST_LINE])
    return tuple(kept)


def _whatever(_: object) -> None:
    """Nobody waits for that answer."""
