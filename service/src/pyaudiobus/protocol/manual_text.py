"""What the protocol's manual page says beside its tables."""

BEFORE = """# The protocol of the audio bus

<!-- Printed by `python -m pyaudiobus.protocol.manual` from protocol/messages.py; do not edit. -->

Programs talk to `audiobusd` over a Unix stream socket: `$AUDIOBUS_REMOTE`, else `$XDG_RUNTIME_DIR/audiobus/bus`, else
`/run/audiobus/bus`. Control goes through messages; sound goes through rings of shared memory whose descriptors
messages bring. This page is version {version}. Features: {features}.

## Frames

A message is a header of {header} bytes, little endian, and a body.

| bytes | |
|---|---|
| 0-3 | size of the body in bytes, at most {body} |
| 4-5 | opcode |
| 6-7 | how many file descriptors come with it, at most {descriptors} |
| 8-11 | sequence number |
| 12-15 | kind |

| kind | |
|---|---|
{kinds}

The body is one MessagePack array with the fields in the order of this page. File descriptors travel beside the first
byte of their message as SCM_RIGHTS, in one `sendmsg` of its own for each message that has some.

- A client sends requests. Each has a sequence number that is not 0 and is not that of a request which waits for its
  answer. At most {outstanding} requests should wait; with {unanswered} the conversation ends.
- The daemon answers every request once, with a reply or an error of the same opcode and sequence number. Answers may
  overtake each other: `drain` is answered when it is over. `sync` is answered after all that was asked before it,
  except drains.
- The daemon sends events, whose sequence number is 0, from the answer to `hello` on.
- An error has a [Refusal](#refusal) as its body. The conversation goes on.
- Who breaks a rule of this page (a size above the limits, a body that is not what the table says, a message that the
  other side says, descriptors that are not announced, a sequence number twice) is told so in an error of opcode 0 and
  sequence 0, code `protocol`, and the connection ends. What was said before the broken rule has been done.
- What a connection made ends with it: streams, nodes, links that do not linger. Its process ending does the same,
  whoever else has the socket.

## Greeting, versions, features

The first message is `hello` with the highest version that the client speaks and all features that it knows; nothing
else may be sent before its answer. The answer has the version of both (the lower one) and the features of both. A
version below 1 is refused, and may be followed by another `hello`.

How it grows:

- A body grows at its end only. A reader takes the fields it knows and leaves the rest; what is missing is as the column
  "if left out" says. So a new field needs no new version.
- A new message has a new opcode, and says since which version it is there. A daemon refuses a request that it does not
  know with `not supported` and goes on; it sends a client no event that is newer than the version agreed on.
- An opcode, once used, is never another message's; a field never changes its meaning or type.
- A feature names messages that a daemon may be built without. A client asks for them only if the answer to `hello`
  has the feature.
- Enumerations are strings: kinds of object, states, encodings, codes. A reader meets unknown ones with patience.

## Rights

Each client has rights on each object, as in PipeWire: `r` (1) see it, `w` (2) change it, `x` (4) call it, `m` (8)
make it the subject of metadata, `l` (16) listen to it and link to it. An object without `r` does not exist for the
client (`not found`); any other right that is missing is refused with `access`. With its own objects a client may
do everything. Who a client is, the kernel says (SO_PEERCRED), never the client.

## Words

| type | |
|---|---|
| Text | string of at most {text} characters |
| Word | string of at most 256 characters |
| Serial | integer from 0 to 2^63-1: an object; never given twice while the daemon runs |
| Count | integer from 0 to 2^63-1 |
| Size | integer from -1 to 2^32-1: bytes; -1 leaves it to the bus |
| Rate | integer from 1 to 768000: frames per second |
| Channels | integer from 1 to 64 |
| Gains | array of at most 64 floats from 0 to 64: linear, 1 is unity; one for all channels, or one each |
| Properties | map of Word to Text with at most 256 entries |
| Changes | map of Word to Text or nil (remove it) with at most 256 entries |
| Shape | [PcmShape](#pcmshape), [EncodedShape](#encodedshape) or [VideoShape](#videoshape) |

Strings are UTF-8. Unless said otherwise times are nanoseconds, and moments are CLOCK_MONOTONIC.
"""

AFTER = """## Streams

The buffer attributes are PulseAudio's, in bytes, with its defaults, limits and rounding (`model/buffering.py`):
`maxlength` (the most that may be queued), `tlength` (what the bus tries to keep queued), `prebuf` (what must be
queued before it plays), `minreq` (the least that is asked for), `fragsize` (the most that is delivered at a time).

The answer to `create-stream` brings four descriptors: the page, the data, the daemon's eventfd, the client's pipe.

## Speaking through rings

Where both have the feature `control-rings` a client may ask for `use-rings`. The answer, the last message that comes
through the socket, brings two rings of four descriptors each: the one that the client stores into, then the one that it
takes from. From now on both speak through these, in the same frames; a byte is a frame of such a ring, and neither
silence nor an end occurs in one. Who is awake is not woken, so a message costs no system call then. The socket stays:
its end is the conversation's end, and descriptors go through it, with one byte of no meaning, before the message that
they belong to goes through the ring.

## Rings

A ring carries the bytes of one stream from one process to the other without a message. The daemon makes it.

- **page**: a memfd of 4096 bytes, mapped by both sides for reading and writing, sealed against every change of size.
- **data**: a memfd of `capacity` bytes, whole memory pages, sealed likewise, and in a record ring against the client's
  writing. Each side maps it twice in a row, so that any span is one piece of memory. In a playback ring a short area
  can follow, whole pages too, to be mapped twice in the same way.
- **eventfd**: the client writes 1 to it to wake the daemon.
- **pipe**: the daemon writes a byte to its other end to wake the client, which reads all there is when it was woken.

Indexes count bytes from the beginning in 64 bits and never wrap; a byte lives at index mod capacity. All are multiples
of the frame. A producer that queues little may use the short area instead, so that the ring takes less memory: a byte
lives at index mod its size there. It copies what waits before it shows another `area`, and goes back to the short one
when nothing waits. The page, native endian:

| offset | bytes | stored by | |
|---|---|---|---|
| 0 | 4 | daemon | magic 0x47524241 ("ABRG") |
| 4 | 4 | daemon | version: 1 |
| 8 | 8 | daemon | capacity |
| 16 | 4 | daemon | frame size |
| 20 | 4 | daemon | 1: a record ring (the daemon stores, the client takes), 0: a playback ring |
| 24 | 8 | daemon | size of the short area; 0: there is none |
| 64 | 8 | producer | `written`: end of the stored bytes |
| 72 | 8 | producer | `silent_until`: from `written` to here is silence, of which nothing is stored |
| 80 | 8 | producer | `end`: where the stream ends; 2^64-1 while that is open |
| 88 | 8 | producer | `space_wanted`: wake me when `taken` reaches this; 2^64-1: I am awake |
| 96 | 8 | producer | `area` where what waits is stored; 0: the whole one, 1: the short one |
| 128 | 8 | consumer | `taken`: end of the bytes that were taken |
| 136 | 8 | consumer | `data_wanted`: wake me when there are bytes up to here; 2^64-1: I am awake |
| 192 | 8 | daemon | sequence of the timing, odd while it changes |
| 200 | 56 | daemon | timing: seven numbers of 8 bytes |

The timing: `read_index` (first byte that was not taken; in a record ring the end of what was delivered), `taken_at`
(when that was so), `delay` (ns from then until that byte sounds; of a capture: how old it was), `playing_for` (bytes
since the last start), `underrun_for` (bytes of silence since the queue ran empty; 2^64-1 before the first byte),
`underruns`, `flags` (1 playing, 2 corked). It is read like any sequence lock: sequence, numbers, sequence again.

Sleeping without a lost wakeup: the sleeper stores what it waits for, then a full fence, then looks once more, then
polls. The waker stores its index, then a full fence, then looks at what the other waits for; if that is reached it
exchanges it for 2^64-1, and wakes only if it was not that before. While both are awake there is no system call.

The daemon believes nothing that a client stores: an index that cannot be true ends the client.
"""
