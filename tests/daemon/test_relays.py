"""Frames of pictures from one process to another: memory by descriptor, numbers on rings, nothing copied."""

from __future__ import annotations

import fcntl
import mmap
import multiprocessing
import os
import struct
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

import pytest

from pyaudiobus.client.remote import Remote
from pyaudiobus.engine.ring import RingConsumer, RingDescriptors, RingProducer
from pyaudiobus.protocol.messages import (
    AddPort,
    BuffersShared,
    CreateLink,
    CreateNode,
    Named,
    Right,
    SetPermissions,
    ShareBuffers,
)
from pyaudiobus.protocol.wire import Refused
from pyaudiobus.protocol.words import BufferInfo, Permission, VideoShape
from tests.daemon.bench import PATIENCE, Daemon

SMALL = VideoShape("RGB24", 64, 48, 30.0)
LARGE = VideoShape("RGB24", 640, 480, 30.0)
SIZE = 64 * 48 * 3
BUFFERS = 3
FRAMES = 200
F_ADD_SEALS, F_SEAL_SHRINK = 1033, 2


def memory(size: int = SIZE, seals: int = F_SEAL_SHRINK) -> int:
    descriptor = os.memfd_create("frames", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, size)
    if seals:
        fcntl.fcntl(descriptor, F_ADD_SEALS, seals)
    return descriptor


class End:
    """One end of a link between clients' ports."""

    def __init__(self, remote: Remote, direction: str, *shapes: VideoShape) -> None:
        self.remote = remote
        self.is_output = direction == "output"
        self.node = remote.ask("create-node", CreateNode(direction, {"media.class": "Video/Test"})).serial
        self.port = remote.ask("add-port", AddPort(self.node, direction, "frames", shapes)).serial

    def share(self, descriptors: list[int]) -> None:
        buffers = tuple(BufferInfo(number, "memfd", 0, SIZE, 64 * 3) for number in range(len(descriptors)))
        self.remote.ask("share-buffers", ShareBuffers(self.port, buffers), tuple(descriptors))

    def shared(self) -> Any:
        """Wait for the other end's buffers."""
        while True:
            for one in self.remote.happenings():
                if isinstance(one.body, BuffersShared):
                    return one
            assert self.remote.wait(timeout=PATIENCE)

    def meet(self) -> BuffersShared:
        """Join the rings, and map the memory."""
        told = self.shared()
        body: BuffersShared = told.body
        count = len(told.descriptors) - 8
        full, empty = (RingDescriptors(*told.descriptors[at : at + 4]) for at in (count, count + 4))
        sending, hearing = (full, empty) if self.is_output else (empty, full)
        self.sent, self.heard = RingProducer.attach(sending), RingConsumer.attach(hearing)
        self.inodes = [os.fstat(one).st_ino for one in told.descriptors[:count]]
        self.maps = [mmap.mmap(told.descriptors[one.descriptor], one.size) for one in body.buffers]
        return body

    def send(self, number: int) -> None:
        self.sent.space()
        self.sent.view(self.sent.written, 8)[:] = struct.pack("<Q", number)
        self.sent.publish(self.sent.written + 8)

    def take(self) -> int:
        while self.heard.look().stored < 8:
            if not self.heard.want_data(self.heard.taken + 8):
                assert self.remote.wait([self.heard.fileno()], PATIENCE)
                self.heard.acknowledge()
        (number,) = struct.unpack("<Q", self.heard.view(8))
        self.heard.take(8)
        return int(number)


def watch(path: str, told: Connection) -> None:
    """The other process: takes frames, says what it saw."""
    with Remote("screen", path) as remote:
        screen = End(remote, "input", LARGE, SMALL)
        told.send((remote.welcome.client, screen.port))
        body = screen.meet()
        told.send((body.shape, screen.inodes))
        for _ in range(FRAMES):
            number = screen.take()
            told.send(screen.maps[number][:8])
            screen.send(number)


@pytest.fixture
def ends(shared: Daemon) -> Iterator[tuple[Remote, Remote]]:
    with shared.remote("camera") as camera, shared.remote("screen") as screen:
        yield camera, screen


def test_frames_pass_between_processes_in_shared_memory(shared: Daemon) -> None:
    own, others = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=watch, args=(shared.path, others))
    process.start()
    others.close()  # so that a child that dies is noticed
    with shared.remote("camera") as remote:
        camera = End(remote, "output", SMALL)
        descriptors = [memory() for _ in range(BUFFERS)]
        camera.share(descriptors)
        _, port = own.recv()
        remote.ask("create-link", CreateLink(camera.port, port))
        camera.meet()
        shape, inodes = own.recv()
        assert shape == SMALL
        assert inodes == camera.inodes == [os.fstat(one).st_ino for one in descriptors]
        free = list(range(BUFFERS))
        for frame in range(FRAMES):
            number = free.pop() if free else camera.take()
            camera.maps[number][:8] = struct.pack("<Q", frame)
            camera.send(number)
        assert [struct.unpack("<Q", own.recv())[0] for _ in range(FRAMES)] == list(range(FRAMES))
    process.join(PATIENCE)
    assert process.exitcode == 0


def test_buffers_that_are_shared_later_reach_a_link_that_is_there(ends: tuple[Remote, Remote]) -> None:
    camera, screen = End(ends[0], "output", SMALL), End(ends[1], "input", SMALL)
    ends[0].ask("create-link", CreateLink(camera.port, screen.port))
    camera.share([memory()])
    assert len(camera.meet().buffers) == len(screen.meet().buffers) == 1
    camera.share([memory(), memory()])
    assert len(screen.meet().buffers) == 2


def test_both_ends_are_told_when_the_link_goes(ends: tuple[Remote, Remote]) -> None:
    camera, screen = End(ends[0], "output", SMALL), End(ends[1], "input", SMALL)
    link = ends[0].ask("create-link", CreateLink(camera.port, screen.port)).serial
    camera.share([memory()])
    screen.meet()
    camera.meet()
    ends[0].ask("destroy", Named(link))
    for end in (camera, screen):
        told = end.shared()
        assert (told.body.link, told.body.buffers, told.descriptors) == (link, (), ())


def test_the_other_end_is_told_when_a_client_dies(shared: Daemon) -> None:
    with shared.remote("screen") as remote:
        screen = End(remote, "input", SMALL)
        with shared.remote("camera") as dying:
            camera = End(dying, "output", SMALL)
            dying.ask("create-link", CreateLink(camera.port, screen.port))
            camera.share([memory()])
        screen.meet()
        assert screen.shared().body.buffers == ()


def test_formats_have_to_fit(ends: tuple[Remote, Remote]) -> None:
    camera, screen = End(ends[0], "output", SMALL), End(ends[1], "input", LARGE)
    with pytest.raises(Refused, match="formats differ") as refused:
        ends[0].ask("create-link", CreateLink(camera.port, screen.port))
    assert len(refused.value.facts) == 2
    with pytest.raises(Refused, match="from an output to an input"):
        ends[0].ask("create-link", CreateLink(screen.port, camera.port))


def test_nobody_gets_another_s_frames_without_leave(shared: Daemon, ends: tuple[Remote, Remote]) -> None:
    camera, screen = End(ends[0], "output", SMALL), End(ends[1], "input", SMALL)
    with shared.remote("manager") as manager:
        rights = Right.R | Right.W | Right.X | Right.M
        for one in ends:
            manager.ask("set-permissions", SetPermissions(one.welcome.client, (Permission(0, int(rights)),)))
        with pytest.raises(Refused) as refused:
            ends[1].ask("create-link", CreateLink(camera.port, screen.port))
        assert refused.value.code.value == "access"
        hidden = Permission(camera.node, 0)
        manager.ask("set-permissions", SetPermissions(ends[1].welcome.client, (hidden,)))
        with pytest.raises(Refused, match="may not know of"):
            ends[0].ask("create-link", CreateLink(camera.port, screen.port))
        manager.ask("create-link", CreateLink(camera.port, screen.port))


def pipe_end() -> int:
    reading, writing = os.pipe()
    os.close(writing)
    return reading


@pytest.mark.parametrize(
    ("buffers", "descriptors", "words"),
    [
        ((), [], "0 buffers"),
        ((BufferInfo(1, "memfd", 0, SIZE),), [memory], "belongs to no buffer"),
        ((BufferInfo(0, "memfd", 0, SIZE), BufferInfo(1, "memfd", 0, SIZE)), [memory], "and 1 came"),
        ((BufferInfo(0, "memfd", 0, SIZE),), [pipe_end], "no memfd"),
        ((BufferInfo(0, "memfd", 0, SIZE),), [lambda: memory(seals=0)], "may shrink"),
        ((BufferInfo(0, "memfd", 1, SIZE),), [memory], "outside its memory"),
        ((BufferInfo(0, "memfd", 2**63 - 1, SIZE),), [memory], "outside its memory"),
        ((BufferInfo(0, "memfd", 0, 0),), [memory], "outside its memory"),
        ((BufferInfo(0, "dmabuf", 0, SIZE),), [memory], "no dma-buf"),
        ((BufferInfo(0, "paper", 0, SIZE),), [memory], "of kind"),
        ((BufferInfo(0, "memfd", 0, SIZE),), [memory, memory], "belongs to no buffer"),
    ],
)
def test_what_is_no_good_memory_is_refused(
    remote: Remote, buffers: tuple[BufferInfo, ...], descriptors: list[Any], words: str
) -> None:
    camera = End(remote, "output", SMALL)
    made = tuple(make() for make in descriptors)
    with pytest.raises(Refused, match=words) as refused:
        remote.ask("share-buffers", ShareBuffers(camera.port, buffers), made)
    assert refused.value.code.value == "invalid"
    for descriptor in made:
        os.close(descriptor)


def test_a_node_goes_with_its_ports_and_links(ends: tuple[Remote, Remote]) -> None:
    camera, screen = End(ends[0], "output", SMALL), End(ends[1], "input", SMALL)
    link = ends[0].ask("create-link", CreateLink(camera.port, screen.port)).serial
    ends[0].ask("destroy", Named(camera.node))
    for serial in (camera.node, camera.port, link):
        with pytest.raises(Refused):
            ends[0].ask("get", Named(serial))
    ends[1].ask("get", Named(screen.port))


def test_a_client_has_only_as_many_ports_as_can_be_forgotten_at_once(shared: Daemon) -> None:
    def add(node: int, count: int) -> None:
        for _ in range(count):
            remote.ask("add-port", AddPort(node, "output", "o", (SMALL,)))

    with shared.remote() as remote:
        nodes = [remote.ask("create-node", CreateNode(f"n{number}")).serial for number in range(17)]
        for node in nodes[:16]:
            add(node, 64)
        for node in (nodes[0], nodes[16]):
            with pytest.raises(Refused, match="at most"):
                add(node, 1)
