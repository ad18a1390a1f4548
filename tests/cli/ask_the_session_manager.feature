Feature: Asking the session manager
  Who runs a board can ask the running session manager why a stream is where it is, and change what it is set to.

  Background:
    Given a bus with a session manager, and a song on it

  Scenario: Why is it there?
    When somebody types "audiobus explain song"
    Then it says "song: Where does it play or record? first"
    And it says "find_default_target"
    And it says "what would change it:"

  Scenario: The decision on the link leads to the same story
    When somebody explains the decision that stands on the song's link
    Then it says "song: Where does it play or record? first"

  Scenario: Why is it not there?
    When somebody types "audiobus explain song --why-not second"
    Then it says "song is not on second"
    And it says "audiobus move"

  Scenario: Nobody has heard of it
    When somebody types "audiobus explain sung"
    Then it fails with 1 and says "there is no stream 'sung', and there was none lately"
    And it says "song ("

  Scenario: A setting is changed, kept and given up
    When somebody types "audiobus settings set role.duck-level 0.1"
    Then it says "role.duck-level = 0.1"
    When somebody types "audiobus settings save role.duck-level"
    And somebody types "audiobus session state"
    Then it says "role.duck-level"
    When somebody types "audiobus settings reset role.duck-level"
    Then it says "role.duck-level = 0.3"

  Scenario: A setting is described
    When somebody types "audiobus settings describe role.duck-level"
    Then it says "0 to 1 linear; default: 0.3"

  Scenario Outline: A setting that cannot be is refused with what is allowed
    When somebody types "audiobus settings set <words>"
    Then it fails with <code> and says "<sentence>"

    Examples:
      | words               | code | sentence                                                     |
      | role.duck-level 7   | 1    | role.duck-level cannot be '7': it is a number, 0 to 1 linear |
      | role.duck-levl 0.1  | 1    | did you mean role.duck-level?                                |
      | role.duck-level     | 2    | write: audiobus settings set SETTING VALUE                   |

  Scenario: Settings are watched
    When settings are watched while role.ramp is set to 123
    Then the watcher is told "role.ramp = 123"

  Scenario: Who is it?
    When somebody types "audiobus session"
    Then it says "it decides who plays where"
    And it says "profile main"
    And it says "1, of which 0 are linked to nothing"
