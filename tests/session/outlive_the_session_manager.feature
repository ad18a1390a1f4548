Feature: Sound outlives the session manager
  Policy runs in a program of its own. It may be killed, hang or start again: what plays plays on, and what is new is served.

  Background:
    Given a bus with a session manager
    And a song that plays and is recorded

  Scenario: It is killed again and again
    When the session manager is killed and started again, five times while the song plays
    Then every sample of the song was heard, in order
    And the song has never left its sink

  Scenario: It hangs
    When the session manager hangs
    And another song begins
    Then that song is served, because "the session manager does not answer"
    When the session manager goes on
    Then it governs again

  Scenario: It is gone
    When the session manager is killed
    And another song begins
    Then that song is served by the bus itself
    And people are told that there is none

  Scenario: Nothing happens
    When nothing happens for a while
    Then the session manager has not been woken once

  Scenario: Its file is wrong
    When its policy file gets a mistake and is read again
    Then nothing has changed, and the log names file, line and column
    When the mistake is mended and the file is read again
    Then the new policy counts
