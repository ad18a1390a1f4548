Feature: PCM beside the DSP

  Scenario: A PCM file arrives at the sound card bit for bit
    Given a board with the virtual DSP and a sound card
    When audiobus plays a PCM file on the sound card
    Then it ended with 0
    And what the sound card got is the file, bit for bit
