Feature: Asking the doctor on a machine with the virtual DSP
  The kernel, its card, its mixer and its events are real; the board file is the one of QEMU's image.

  Background:
    Given a board with the virtual DSP

  Scenario: A machine that can play
    When its owner asks the doctor
    Then it ended with 0
    And the doctor says of "card": "there is VirtualDSP (card 0, snd-virtual-dsp)"
    And the doctor says of "in use": "nobody has one open"

  Scenario: A song that plays is not disturbed
    Given a long song is playing
    When its owner asks the doctor
    Then it ended with 0
    And the doctor did not look at "codecs" because "a player has the device open"
    And the song still plays

  Scenario: The card comes late
    Given the card is unplugged
    And the doctor waits for it
    When its driver is loaded anew
    Then the doctor ends with 0
