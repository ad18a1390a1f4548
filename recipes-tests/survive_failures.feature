Feature: A DSP that fails in mid-song
  One event says what happened. The DSP goes on where it was, or the rest is decoded; and the next song plays.

  Background:
    Given a board with the virtual DSP

  Scenario: The driver stops the stream
    Given a long song is playing, and the demo MP3 is to follow
    When the driver has an xrun
    Then it ended with 0
    And the DSP went on after one trouble: "hw:0,0 broke off"
    And the second song reached the DSP whole

  Scenario: The DSP hangs until it is given up
    Given a long song is playing, and the demo MP3 is to follow
    When the DSP hangs until the player gives it up
    Then it ended with 0
    And the DSP went on after one trouble: "hw:0,0 stopped consuming while playing"
    And the second song reached the DSP whole

  Scenario: The DSP hangs in the drain
    Given a song is draining
    When the DSP hangs until the player gives it up
    Then it ended with 0
    And it was in trouble once: "hw:0,0 stopped consuming while draining"
    And the device is free at once

  Scenario Outline: The card is unplugged
    Given a long song is playing on <device> or else on nothing, and a FLAC of 24 bits with a picture is to follow
    When the card is unplugged
    Then it ended with 0
    And it was in trouble once: "no such device (ENODEV)"
    And the rest of the first song was decoded
    And the second song was decoded because "no such file or directory (ENOENT)"

    Examples:
      | device |
      | hw:0,0 |
      | auto   |

  Scenario: The card comes back
    Given a long song is playing
    When the card is unplugged
    And it is plugged in again
    Then it was in trouble once: "no such device (ENODEV)"
    And the demo MP3 can be played

  Scenario Outline: A call of the driver fails
    Given the driver's next <call> fails with <errno>
    When audiobus plays the demo MP3
    Then it ended with 1
    And it said "(<errno>)"
    And the device is free at once

    Examples:
      | call       | errno     |
      | open       | EIO       |
      | get_caps   | EIO       |
      | set_params | ENOMEM    |

  Scenario Outline: A call of the driver fails once while it plays
    Given the driver's next <call> fails with <errno>
    When audiobus plays the demo MP3
    Then it ended with 0
    And the DSP went on after one trouble: "(<errno>)"
    And the device is free at once

    Examples:
      | call       | errno     |
      | write      | EIO       |
      | start      | ETIMEDOUT |
      | drain      | EIO       |

  Scenario: There is no such device
    When audiobus plays the demo MP3 on hw:7,0
    Then it ended with 1
    And it said "cannot open hw:7,0: no such file or directory (ENOENT)"
    And it said "audiobus devices"
