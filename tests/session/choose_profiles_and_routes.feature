Feature: What a sound card is used for, and by which way out it is heard

  Scenario: The policy file names a profile
    Given a card with the profiles hifi, voice and off
    And a policy file that wants the profile voice
    When the session manager starts
    Then the card is in the profile voice

  Scenario: What somebody chose comes before the policy file, and is remembered
    Given a card with the profiles hifi, voice and off
    And a policy file that wants the profile voice
    And the session manager has started
    When somebody chooses the profile hifi
    Then the card is in the profile hifi
    And the bus and the session manager start again
    And the card is in the profile hifi

  Scenario: What somebody chose for now is not remembered
    Given a card with the profiles hifi, voice and off
    And the session manager has started
    When somebody chooses the profile voice for now
    Then the card is in the profile voice
    And the bus and the session manager start again
    And the card is in the profile hifi

  Scenario: A route that somebody chose is remembered
    Given a card with the profiles hifi, voice and off
    And the session manager has started
    When somebody chooses the route headphones of speaker
    Then speaker is heard by headphones
    And the bus and the session manager start again
    And speaker is heard by headphones

  Scenario: A route that cannot be switched on gives way to the next
    Given a card with the profiles hifi, voice and off
    And a policy file that wants speaker to be heard by headphones
    And the control Phones cannot be set
    When the session manager starts
    Then speaker is heard by speaker
    And speaker says that headphones is not available

  Scenario: A card that is late is looked for, each time after twice as long
    Given a card with the profiles hifi, voice and off, which is away
    And the session manager has started
    Then the card says "there is no sound card 'Board'"
    And it is looked for after 0.5, 1.5, 3.5 and 7.5 seconds
    When the card is there and nobody tells
    And 8 seconds have passed
    Then the card is in the profile hifi

  Scenario: A card that is busy is tried again, and says why
    Given a card with the profiles hifi, voice and off
    And a policy file that wants the profile voice
    And the control Mode cannot be set
    When the session manager starts
    Then the card says "cannot set the mixer control 'Mode'"
    And it is tried again after 0.5 seconds, and says so
    When the control Mode can be set
    And 2 seconds have passed
    Then the card is in the profile voice
    And the card says nothing
