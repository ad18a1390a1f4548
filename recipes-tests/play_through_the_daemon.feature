Feature: Music through the daemon to a DSP
  The daemon has the device; what a program stores in its ring is what the DSP consumes.

  Scenario: A song through the daemon
    Given a board with the virtual DSP
    And the daemon runs
    When a program plays the demo FLAC through the daemon
    Then it played to the end
    And the DSP consumed the song's frames byte for byte
    And the device is free at once

  Scenario: A player is paused and killed, an album follows, and the card is pulled out of the next song
    Given a board with the virtual DSP
    And the daemon runs
    When a long song is played through the daemon
    And its player is asked to pause
    Then the DSP holds, and goes on when that is asked for
    When the player is killed
    Then the device is free soon
    When an album is played through the daemon
    Then it played to the end
    And its tracks followed each other in one opening of the device
    And the DSP consumed the song's frames byte for byte
    When a long song is played through the daemon
    And the card is unplugged
    Then the rest of the song is decoded, because the DSP is gone
    And the daemon lives
