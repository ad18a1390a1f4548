Feature: Music through the daemon to a DSP
  The daemon has the device; what a program stores in its ring is what the DSP consumes.

  Scenario: A song through the daemon
    Given a board with the virtual DSP
    And the daemon runs
    When a program plays the demo FLAC through the daemon
    Then it played to the end
    And the DSP consumed the song's frames byte for byte
    And the device is free at once

  Scenario: A player is killed, and an album follows
    Given a board with the virtual DSP
    And the daemon runs
    When a program that plays a long song through the daemon is killed
    Then the device is free soon
    When an album is played through the daemon
    Then it played to the end
    And its tracks followed each other in one opening of the device
    And the DSP consumed the song's frames byte for byte
