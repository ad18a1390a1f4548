Feature: A DSP that nothing is heard through sleeps

  Background:
    Given a bus with a DSP that sleeps after 2 seconds, and a song that plays there

  Scenario: A song that is paused goes on at the very frame
    When the song is paused after 3 seconds
    Then the DSP is idle
    When 1.9 seconds pass for the session manager
    Then the DSP is idle
    When 0.1 seconds pass for the session manager
    Then the DSP is suspended, and another program could have it
    When the song goes on
    Then the DSP is running
    And all of the song is heard, and nothing twice

  Scenario: A song that is heard to its end is drained before the DSP sleeps
    When the song is heard to its end, and its program stays
    Then the DSP is idle
    When 2 seconds pass for the session manager
    Then the DSP is suspended, and another program could have it
    When its program plays it again
    Then the DSP is running
    And all of the song is heard twice

  Scenario: What plays is not put to sleep
    When 60 seconds pass for the session manager
    Then the DSP is running
    And all of the song is heard, and nothing twice

  Scenario: A DSP that is to stay awake does
    Given the DSP never sleeps
    When the song is paused after 3 seconds
    And 60 seconds pass for the session manager
    Then the DSP is idle
