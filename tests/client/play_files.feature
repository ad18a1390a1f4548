Feature: Playing files
  Where each file plays, why there, and what becomes of those that cannot play.

  Scenario: An MP3 and a FLAC never leave their encoded form
    Given a board with a DSP and a sound card
    When "carillon.mp3" and "carillon.flac" are played
    Then "carillon.mp3" plays undecoded on the DSP
    And "carillon.flac" plays undecoded on the DSP
    And the sound card was not used

  Scenario: AAC is decoded and the reason is told
    Given a board with a DSP and a sound card
    When "aac.m4a" is played
    Then "aac.m4a" plays decoded on the sound card
    And the reason is "virtual:q6asm: the sink's codec is mp3|flac|wma|alac|ape, not aac"
    And the DSP was not started

  Scenario: A DSP that takes AAC gets a file's frames behind ADTS headers
    Given a board with a DSP that takes every codec and a sound card
    When "aac.m4a" is played
    Then the DSP consumed 45 frames of ADTS

  Scenario: A file without any codec is decoded too
    Given a board with a DSP and a sound card
    When "pcm.wav" is played
    Then "pcm.wav" plays decoded on the sound card
    And the reason is "the file is PCM already"

  Scenario: Somebody else has the DSP, and nobody asked for it by name
    Given a board with a DSP and a sound card
    And another player has the DSP
    When "carillon.mp3" is played
    Then "carillon.mp3" plays decoded on the sound card
    And the reason is "cannot open virtual:q6asm: device or resource busy (EBUSY)"

  Scenario: Somebody else has the DSP that was asked for by name
    Given a board with a DSP that was asked for by name
    And another player has the DSP
    When "carillon.mp3" is played
    Then "carillon.mp3" fails with "cannot open virtual:q6asm: device or resource busy (EBUSY)"
    And the sound card was not used

  Scenario: The driver refuses a format after all
    Given a board with a DSP and a sound card
    And the driver refuses the next format
    When "carillon.mp3" and "carillon.flac" are played
    Then "carillon.mp3" plays decoded on the sound card
    And "carillon.flac" plays undecoded on the DSP

  Scenario: Decoding was asked for
    Given a board whose DSP is not to be used
    When "carillon.flac" is played
    Then "carillon.flac" plays decoded on the sound card
    And the reason is "decoding was asked for (--decode)"
    And the sound card played 9 seconds

  Scenario Outline: The next file still plays after a bad one
    Given a board with a DSP and a sound card
    And a file that is <bad>
    When the bad file and "carillon.mp3" are played
    Then the bad file fails and its sentence names it and says "<words>"
    And "carillon.mp3" plays undecoded on the DSP

    Examples:
      | bad                 | words          |
      | missing             | does not exist |
      | empty               | is empty       |
      | a directory         | is a directory |
      | text                | is no audio    |
      | noise               | is no audio    |
      | a tag without sound | tag            |

  Scenario: A file that was cut off plays up to its last whole frame
    Given a board with a DSP and a sound card
    And a copy of "carillon.mp3" that was cut off in the middle of a frame
    When the copy is played
    Then it plays to its end with a notice
    And the DSP consumed whole frames only

  Scenario: The DSP stalls in the first song
    Given a board with a DSP and a sound card
    When the DSP stalls 3 seconds into "carillon.mp3" and is well again for "carillon.flac"
    Then "carillon.mp3" is told to be in trouble: "virtual:q6asm stopped consuming"
    And "carillon.mp3" goes on decoded on the sound card
    And "carillon.flac" plays undecoded on the DSP

  Scenario: The DSP disappears in the first song
    Given a board with a DSP that was asked for by name
    When the DSP disappears 3 seconds into "carillon.mp3" and is gone for "carillon.flac"
    Then "carillon.mp3" is told to be in trouble: "virtual:q6asm: no such device (ENODEV)"
    And "carillon.mp3" goes on decoded on the sound card
    And "carillon.flac" plays decoded on the sound card

  Scenario: The end of one song does not cut the beginning of the next
    Given a board with a DSP and a sound card
    When "carillon.mp3" and "carillon.mp3" are played
    Then the DSP consumed the same song twice
    And it took 18 seconds and a tenth at most
