"""Sinks that clients make: who may, what they hear, and what becomes of the streams there when their maker leaves."""

from __future__ import annotations

import pytest

from pyaudiobus.client.remote import Remote
from pyaudiobus.model.daemon_settings import Role
from pyaudiobus.protocol.messages import CreateNode, Named
from pyaudiobus.protocol.session_messages import AdmitClient, ClaimSession
from pyaudiobus.protocol.wire import Refused
from tests.daemon.bench import Daemon, Player, Recorder, attributes, noise

SINK = {"media.class": "Audio/Sink", "audio.format": "s16/48000/2"}


def refused(remote: Remote, name: str, **more: str) -> str:
    with pytest.raises(Refused) as error:
        remote.ask("create-node", CreateNode(name, {**SINK, **{key.replace("_", "."): more[key] for key in more}}))
    return error.value.what


def test_what_is_played_into_it_is_what_its_maker_hears(shared: Daemon) -> None:
    with shared.remote("maker") as maker, shared.remote("other") as other:
        maker.ask("create-node", CreateNode("effect", SINK))
        ear = Recorder(maker, "effect")
        sound = noise(4800)
        Player(other, target="effect", attributes=attributes(20)).write(sound)
        assert ear.read_sound(9600) == sound[:9600]


def test_its_streams_go_on_where_they_stopped_when_its_maker_leaves(shared: Daemon) -> None:
    with shared.remote("other") as other, shared.remote("ear") as ears:
        with shared.remote("maker") as maker:
            maker.ask("create-node", CreateNode("effect", SINK))
            player = Player(other, target="effect", attributes=attributes(20))
            ear = Recorder(ears, str(player.serial))
            sound = noise(48_000)
            player.write(sound[:19_200])
            heard = ear.read_sound(9600)
        player.write(sound[19_200:96_000])
        heard += ear.read(76_800)
        assert heard == sound[:86_400]
        other.ask("sync")
        (moved,) = [one.body for one in other.happenings() if one.name == "moved"]
        assert moved.device_name != "effect"


def test_one_that_is_destroyed_is_gone_with_what_hears_it(shared: Daemon) -> None:
    with shared.remote("maker") as maker:
        made = maker.ask("create-node", CreateNode("effect", SINK)).serial
        Recorder(maker, "effect")
        maker.ask("destroy", Named(made))
        maker.ask("sync")
        (killed,) = [one.body for one in maker.happenings() if one.name == "killed"]
        assert "is gone" in killed.reason


def test_two_of_one_name_and_one_that_mixes_nothing_are_refused(remote: Remote) -> None:
    remote.ask("create-node", CreateNode("effect", SINK))
    assert "already" in refused(remote, "effect")
    assert "mixes PCM, not mp3" in refused(remote, "other", audio_format="mp3/44100/2")
    assert "'pigs' is neither" in refused(remote, "third", audio_format="pigs/48000/2")


def test_who_may_not_hear_others_makes_none(shared: Daemon) -> None:
    with shared.remote("governor") as governor, shared.remote("app") as app:
        governor.ask("claim-session", ClaimSession(10_000))
        governor.ask("admit-client", AdmitClient(app.welcome.client, Role.DEFAULT.value))
        assert "only a manager" in refused(app, "effect")
