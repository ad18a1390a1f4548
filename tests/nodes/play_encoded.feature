Feature: Playing encoded audio on a DSP
  What the owner of a board hears, and what it costs, while a song at 128 kbit/s plays undecoded.

  Background:
    Given a board whose DSP is driven by q6asm

  Scenario: A song shorter than the ring
    Given a ring of 64 fragments of 8 KiB
    When a song of 3 seconds plays to its end
    Then sound began when 48000 bytes were in the ring
    And the end was told after 3 seconds
    And the CPU woke 3 times at most
    And the DSP consumed exactly the song

  Scenario: A song of a few minutes hardly wakes the CPU
    Given a ring of 64 fragments of 8 KiB
    When a song of 90 seconds plays to its end
    Then sound began when 524288 bytes were in the ring
    And the CPU woke 15 times at most
    And the DSP was never left without sound
    And the DSP consumed exactly the song

  Scenario: The smallest ring plays as well and only costs more wakeups
    Given a ring of 4 fragments of 8 KiB
    When a song of 30 seconds plays to its end
    Then the DSP was never left without sound
    And the CPU woke 40 times at most
    And the driver found no fault with the player

  Scenario: The last second is not cut off
    Given a ring of 8 fragments of 8 KiB
    When a song of 20 seconds plays to its end
    Then the end was told after 20 seconds
    And the position ended at 20 seconds
    And the DSP consumed exactly the song

  Scenario: A song stopped in the middle takes nothing away from the next one
    Given a ring of 8 fragments of 8 KiB
    When a song of 20 seconds is stopped after 5.3 seconds
    And a song of 3 seconds plays to its end
    Then the end was told after 3 seconds
    And the last 48000 bytes the DSP consumed are exactly the song

  Scenario: A pause of an hour
    Given a ring of 8 fragments of 8 KiB
    When a song of 20 seconds has played for 5 seconds
    And it is paused for 3600 seconds
    Then nothing was asked of the DSP meanwhile
    And it plays on at once and ends after 15 more seconds

  Scenario: Somebody lists the formats while a song plays
    Given a ring of 8 fragments of 8 KiB
    When a song of 20 seconds has played for 5 seconds
    And somebody lists everything the sink offers
    Then it plays on at once and ends after 15 more seconds
    And the DSP was opened twice: to be asked, and to play

  Scenario: The DSP stalls
    Given a ring of 64 fragments of 8 KiB
    When a song of 60 seconds has played for 10 seconds
    And the DSP stalls
    Then within 31 seconds the player is told "virtual:q6asm stopped consuming while playing"
    And it is told what to do next
    And the DSP is free for others

  Scenario: The DSP stalls when only the end is left
    Given a ring of 64 fragments of 8 KiB
    When a song of 10 seconds has played for 5 seconds
    And the DSP stalls
    Then within 10 seconds the player is told "virtual:q6asm stopped consuming while draining"
    And the DSP is free for others

  Scenario: The DSP disappears
    Given a ring of 64 fragments of 8 KiB
    When a song of 60 seconds has played for 10 seconds
    And the DSP disappears
    Then within 15 seconds the player is told "virtual:q6asm: no such device (ENODEV)"
    And the sink is lost
    And when the DSP is back the next song plays

  Scenario: The DSP runs dry because the computer was too busy
    Given a ring of 4 fragments of 8 KiB
    When a song of 20 seconds has played for 5 seconds
    And the computer is too busy to look after it for 10 seconds
    Then the song plays to its end
    And 1 underrun is counted

  Scenario: The driver loses count above 32 KiB
    Given a ring of 4 fragments of 64 KiB
    When a song of 3 seconds is to be played
    Then it is refused with "fragments of 65536 bytes would stop this driver"
    And the facts are "its driver loses count above 32768 bytes a fragment"

  Scenario: Left to itself the sink never asks for more than the driver can count
    When a song of 3 seconds at 320 kbit/s is to be played
    Then its fragments have 32 KiB
    And the driver found no fault with the player

  Scenario: Somebody else has the DSP
    Given another player has the DSP
    When a song of 3 seconds is to be played
    Then it is refused with "virtual:q6asm: device or resource busy (EBUSY)"
    And it is told what to do next

  Scenario: The board's route is on while a song plays, and only then
    Given a mixer route to the loudspeaker
    When a song of 3 seconds plays to its end
    Then the route was on from before the DSP was opened until after it was closed

  Scenario: The board's route is off again after a refusal
    Given a mixer route to the loudspeaker
    And the driver refuses every format
    When a song of 3 seconds is to be played
    Then it is refused with "virtual:q6asm refuses mp3/48000/2"
    And the route is off
