Feature: Devices sleep when nothing sounds
  Background:
    Given a sink "lazy" that sleeps after a second

  Scenario: A sink sleeps, and wakes for a new stream
    When nothing has sounded for a second
    Then "lazy" is suspended
    When a program plays
    Then the sound is heard to the byte

  Scenario: A corked stream is told, and plays when it is let go
    Given a corked stream with sound in it
    When nothing has sounded for a second
    Then the stream is told that its sink is suspended
    When the stream is let go
    Then the stream is told that its sink is awake
    And all of it is heard

  Scenario: A stream that waits for data wakes its sink by writing
    Given a stream without sound in it
    When nothing has sounded for a second
    And its program writes
    Then all of it is heard

  Scenario: A stream that cannot bear it ends
    Given a corked stream that fails on suspend
    When nothing has sounded for a second
    Then the stream is ended because lazy was suspended

  Scenario: A stream that cannot bear it is not made on a sink that sleeps
    When nothing has sounded for a second
    Then a stream that fails on suspend is refused
