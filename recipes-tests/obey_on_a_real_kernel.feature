Feature: What a person asks of a player is heard through a real kernel
  The DSP's bytes of each opening, decoded and cut where the driver stopped, are what was heard.

  Background:
    Given a board with the virtual DSP
    And its driver is loaded with "timestamps=1"

  Scenario: Pause, seek back and forth, and pause in the drain
    When the demo FLAC is paused at 2 s, left at 4 s for 1 s, at 3 s for 7 s, and paused in the drain
    Then what was heard is the song from each place that was asked for, to its end
    And each position was that of the driver's clock

  Scenario: An album that was cut from one recording
    When an album in three files is played
    Then the device was opened once and what was heard is the whole recording
    And the tracks changed where the recording was cut

  Scenario: A skip to another song
    When the demo FLAC is left at 1 s for another song
    Then what was heard is the song from each place that was asked for, to its end

  Scenario: The card is unplugged in the drain, which the kernel ends as if all had been heard
    When the card goes away at 4 s of the demo FLAC
    Then the rest was decoded from the very frame on
