Feature: Scripts of the owner that misbehave
  A board's owner drops a Python file into policy.d. Whatever it does, streams are placed, and the file is named.

  Scenario Outline: A script that cannot decide is passed over
    Given a script that <does>
    When a stream appears
    Then it plays on the default sink
    And people can read that <script> failed: <reason>

    Examples:
      | does            | script      | reason                                   |
      | raises          | raising     | it raised ValueError: no idea            |
      | hangs           | hanging     | it did not answer within 250 ms          |
      | sleeps          | sleeping    | it did not answer within 250 ms          |
      | says nonsense   | babbling    | it returned 'the loud one'               |
      | names no sink   | dreaming    | it chose 4711                            |
      | kills itself    | dying       | it did not answer: its process is gone   |
      | eats memory     | eating      | MemoryError                              |
      | never lets go   | stubborn    | it did not answer within 250 ms          |
      | changes the bus | meddling    | it tried to change the bus               |
      | calls itself    | circling    | it raised RecursionError                 |
      | ends itself     | leaving     | it raised SystemExit: 3                  |
      | is asynchronous | postponing  | it is an async function                  |
      | waits for ever  | expecting   | it waits until 'tomorrow'                |
      | waits backwards | regretting  | it waits until -5.0                      |
      | says too much   | chattering  | its answer is too long                   |

  Scenario: A script that hangs is not asked for ever
    Given a script that hangs
    When four streams appear
    Then all play on the default sink
    And people can read that hanging is switched off after three failures

  Scenario: A script that leaves a process behind is not answered for by that
    Given a script that splits itself in two
    When four streams appear
    Then each plays where the script wants it, or on the default sink

  Scenario: Scripts that take their time do not take everybody's
    Given a script that takes 200 ms each time
    When it is asked ten times in one plan
    Then it is asked no more after a second, and named

  Scenario: What scripts print is bounded
    Given a script that prints a book
    When a stream appears
    Then it plays on the default sink

  Scenario Outline: A file that cannot be loaded takes no other with it
    Given a file in policy.d with <mistake>, and one that prefers the speaker
    When a stream appears
    Then it plays on the speaker because "the owner says so"
    And people can read that the file is left out: <reason>

    Examples:
      | mistake              | reason                                     |
      | an endless loop      | while it was loaded, it did not answer     |
      | an exit              | while it was loaded, its process is gone   |

  Scenario: A script that works is asked before the others
    Given a script that prefers the speaker
    When a stream appears
    Then it plays on the speaker because "the owner says so"

  Scenario Outline: A script that cannot be loaded is left out
    Given a file in policy.d with <mistake>
    When a stream appears
    Then it plays on the default sink
    And people can read that the file is left out: <reason>

    Examples:
      | mistake              | reason                                     |
      | no Python            | this is not Python                         |
      | an absent import     | No module named 'absent_module'            |
      | an endless loop      | it did not answer in time                  |
      | no hook              | there is no hook in it                     |

  Scenario Outline: At the start a script that cannot stand where it wants to is left out
    Given a file in policy.d with <mistake>
    Then a start leaves it out because "<reason>"

    Examples:
      | mistake              | reason                                     |
      | an unknown neighbour | is no hook for 'target'                    |
      | a cycle              | wait for each other                        |

  Scenario Outline: An order that cannot be is refused, and nothing changes
    Given a file in policy.d with <mistake>
    Then reading it is refused because "<reason>"

    Examples:
      | mistake              | reason                                     |
      | an unknown neighbour | is no hook for 'target'                    |
      | a cycle              | wait for each other                        |
