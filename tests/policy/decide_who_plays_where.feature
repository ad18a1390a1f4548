Feature: Who plays where
  A board's owner says in a file what matters to him; the rest follows from what is plugged in.

  Background:
    Given a sink "speaker" playing s16/48000/2
    And a DSP "dsp" playing mp3 flac

  Scenario: An encoded stream plays on the DSP, undecoded
    When a stream "song" offering mp3/44100/2 s16/48000/2 appears
    Then "song" plays on "dsp" as mp3/44100/2

  Scenario: An encoded stream never lands on a PCM sink
    Given the default sink is "speaker"
    And "dsp" is taken away
    When a stream "song" offering mp3/44100/2 appears
    Then "song" is refused because speaker plays s16/48000/2

  Scenario: A second song is decoded while the first has the DSP
    Given a stream "song" offering mp3/44100/2 s16/48000/2 plays
    When a stream "other" offering mp3/44100/2 s16/48000/2 appears
    Then "other" plays on "speaker" as s16/48000/2
    And the reason is that it is the default sink

  Scenario: Where the owner wants it so, a second song waits for its turn
    Given the setting encoded.when-busy is wait
    And a stream "song" offering mp3/44100/2 s16/48000/2 plays
    When a stream "other" offering mp3/44100/2 s16/48000/2 appears
    Then "other" waits because dsp plays song, and one encoded stream at a time; it is first in line
    When "song" is taken away
    Then "other" plays on "dsp" as mp3/44100/2

  Scenario: A more important role takes the DSP, and the song goes on decoded
    Given the role music with priority 10
    And the role announcement with priority 30
    And a stream "song" offering mp3/44100/2 s16/48000/2 of role music plays
    When a stream "train" offering mp3/44100/2 of role announcement appears
    Then "train" plays on "dsp" as mp3/44100/2
    And "song" plays on "speaker" as s16/48000/2

  Scenario: Nobody takes the DSP from who has it for himself
    Given the role announcement with priority 30
    And a stream "song" offering mp3/44100/2 with node.exclusive=true plays
    When a stream "train" offering mp3/44100/2 of role announcement appears
    Then "song" plays on "dsp" as mp3/44100/2
    And "train" waits because dsp plays song, and one encoded stream at a time; it is first in line

  Scenario: A DSP is no default for PCM, whoever says so
    Given the default sink is "dsp"
    When a stream "beep" offering s16/48000/2 appears
    Then "beep" plays on "speaker" as s16/48000/2

  Scenario: Streams follow the default sink
    Given a stream "beep" offering s16/48000/2 plays
    And a sink "headset" playing s16/48000/2
    When the default sink is "headset"
    Then "beep" plays on "headset" as s16/48000/2

  Scenario: Streams stay where they are if the owner does not want them to follow
    Given the setting linking.follow-default-target is off
    And a stream "beep" offering s16/48000/2 plays
    And a sink "headset" playing s16/48000/2
    When the default sink is "headset"
    Then "beep" plays on "speaker" as s16/48000/2

  Scenario: The default that was chosen before comes back when its sink does
    Given a sink "headset" playing s16/48000/2
    And "headset" was chosen as the default before
    When a stream "beep" offering s16/48000/2 appears
    Then "beep" plays on "headset" as s16/48000/2
    When "headset" is taken away
    Then "beep" plays on "speaker" as s16/48000/2
    When a sink "headset" playing s16/48000/2 is there
    Then "beep" plays on "headset" as s16/48000/2

  Scenario: A bell makes music softer, and lets it be afterwards
    Given the role music with priority 10
    And the role bell with priority 30 that ducks others to 0.2
    And a stream "song" offering s16/48000/2 of role music plays
    When a stream "ding" offering s16/48000/2 of role bell appears
    Then "song" is ducked to 0.2
    When "ding" is taken away
    Then "song" is ducked no more

  Scenario: A call holds music, and a bell that is already ducked goes on with it
    Given the role music with priority 10
    And the role call with priority 40 that corks others
    And a stream "song" offering s16/48000/2 of role music plays
    When a stream "phone" offering s16/48000/2 of role call appears
    Then "song" is held
    And the volume keys change "phone"
    When "phone" is taken away
    Then "song" goes on

  Scenario: A DSP makes nothing softer, so the music goes on beside the bell
    Given the role music with priority 10
    And the role bell with priority 30 that ducks others to 0.2
    And a stream "song" offering mp3/44100/2 of role music plays
    When a stream "ding" offering s16/48000/2 of role bell appears
    Then "song" is ducked no more
    And "ding" plays on "speaker" as s16/48000/2

  Scenario: A new sink is not too loud
    When a sink "headset" playing s16/48000/2 is there
    Then "headset" has the volume 0.4

  Scenario: A sink that was too loud comes back less loud
    Given the setting volume.boot-limit is 0.5
    And "sink:headset" had the volume 0.9 before
    When a sink "headset" playing s16/48000/2 is there
    Then "headset" has the volume 0.5

  Scenario: A sink that nothing uses sleeps, and not before what is heard is over
    Given a stream "beep" offering s16/48000/2 plays
    When 60 seconds pass
    Then "speaker" is awake
    When "beep" is taken away
    And 6 seconds pass
    Then "speaker" sleeps

  Scenario: A device that fails is tried again, later each time
    When "speaker" fails because the card is busy
    And 1 seconds pass
    Then "speaker" was tried 1 times
    When 1 seconds pass
    Then "speaker" was tried 2 times
    And its published reason is the card is busy; attempt 2

  Scenario: A filter stands before the speaker
    Given a filter "equalizer" before "speaker"
    When a stream "beep" offering s16/48000/2 appears
    Then "beep" plays on "equalizer" as s16/48000/2
    And "equalizer-out" plays on "speaker" as s16/48000/2

  Scenario: A program in a container may neither list nor hear others
    When a program in the control group /system.slice/docker-4711.scope connects
    Then it becomes restricted

  Scenario: What a program says of itself does not make it a manager
    Given a rule that gives every client with application.name=boss the role manager
    When a program that says application.name=boss connects
    Then it keeps its role
