Feature: Agreeing on a format
  A player offers a file as it is, and decoded. The sink decides.

  Scenario: A DSP that knows the codec gets the file undecoded
    Given a sink that takes mp3|flac at 8000..48000 Hz in 1..2 channels
    When a player offers mp3/44100/2, then s16/44100/2
    Then they agree on mp3/44100/2

  Scenario: A codec that the DSP does not know is decoded for the loudspeaker beside it
    Given a sink that takes mp3|flac at 8000..48000 Hz in 1..2 channels
    And it also takes s16 at 48000|44100 Hz in 2 channels
    When a player offers aac/44100/2, then s16/44100/2
    Then they agree on s16/44100/2
    And the player is told "the sink's codec is mp3|flac, not aac"

  Scenario: A rate beyond the DSP falls back to PCM
    Given a sink that takes mp3|flac at 8000..48000 Hz in 1..2 channels
    And it also takes s32|s16 at 44100..192000 Hz in 1..8 channels
    When a player offers flac/96000/2, then s32/96000/2
    Then they agree on s32/96000/2
    And the player is told "the sink's rate is 8000..48000, not 96000"

  Scenario: A sound card takes no encoded audio
    Given a sink that takes s16 at 48000 Hz in 2 channels
    When a player offers mp3/44100/2
    Then they do not agree
    And the player is told "mp3/44100/2 is encoded and the sink takes PCM only"

  Scenario: A DSP takes no PCM
    Given a sink that takes mp3 at 8000..48000 Hz in 1..2 channels
    When a player offers s16/48000/2
    Then they do not agree
    And the player is told "s16/48000/2 is PCM and the sink takes encoded audio only"

  Scenario: A sink that offers nothing says so
    Given a sink that takes nothing
    When a player offers mp3/44100/2
    Then they do not agree
    And the player is told "the sink offers no format"
