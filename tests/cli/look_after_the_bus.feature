Feature: Looking after a bus by hand
  What a board's owner does when the wrong thing plays in the wrong place.

  Scenario: The music is too loud
    Given a bus where "jukebox" plays "song" on "null"
    When I type "volume song 50%"
    Then "song" is at 50% of its volume
    And I read "song: 50% -18.1 dB"

  Scenario: The music is in the wrong room
    Given a bus where "jukebox" plays "song" on "null"
    When I type "move song other"
    Then "song" plays on "other"

  Scenario: Everything is to play elsewhere from now on
    Given a bus where "jukebox" plays "song" on "null"
    When I type "default other"
    Then "song" plays on "other"
    And I type "default null"

  Scenario: A program will not stop
    Given a bus where "jukebox" plays "song" on "null"
    When I type "kill jukebox"
    Then nothing plays

  Scenario: A slip of the pen gets the names there are
    Given a bus where "jukebox" plays "song" on "null"
    When I type "move song kitchen"
    Then I am told "there is no sink 'kitchen'"
    And I am told "other  (Audio/Sink)"
    And "song" plays on "null"
