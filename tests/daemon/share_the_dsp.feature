Feature: Sharing one DSP
  A DSP plays one encoded stream at a time. What becomes of a second is said by the daemon's configuration.

  Scenario: The second song is decoded
    Given a bus whose second encoded stream is to be decoded
    When "anna" plays a song
    And "bert" plays a song
    Then "anna" is heard undecoded on the DSP
    And "bert" is heard decoded, because the DSP plays another

  Scenario: The second song waits
    Given a bus whose second encoded stream is to wait
    When "anna" plays a song
    And "bert" plays a song
    Then both are heard undecoded on the DSP, "anna" first

  Scenario: The second song is refused
    Given a bus whose second encoded stream is to be refused
    When "anna" plays a song
    And "bert" plays a song
    Then "anna" is heard undecoded on the DSP
    And "bert" is told that the DSP plays another

  Scenario: The same song sounds the same through the bus
    Given a bus whose second encoded stream is to be decoded
    When "anna" plays a song
    Then what the DSP rendered is what it renders without a bus
