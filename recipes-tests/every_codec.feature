Feature: Every codec reaches a DSP that takes it

  Background:
    Given a board with the virtual DSP
    And its driver is loaded with "codecs=all"

  Scenario: Files of every codec, out of every container
    When audiobus plays a file of every codec, one after the other
    Then it played to the end
    And none of them was decoded
    And the DSP consumed the packets of all, framed as it wants them
    And the driver had nothing to say against their options

  Scenario: Options that lie
    When files are played with options that are not theirs
    Then the driver refuses each as an invalid argument, and logs what was wrong
    And the next file plays
