Feature: Taking turns on the one DSP

  Background:
    Given a bus with a DSP, on which an alert is more important than music

  Scenario Outline: Music waits for an alert and goes on where it was
    Given who is sent away has to wait
    And music plays a <song> song on the DSP
    When an alert comes after 3 seconds
    Then the alert is on the DSP, and music waits because alert took dsp
    When the alert has ended
    Then music is on the DSP again
    And all of the music was heard, the alert between two of its frames, and nothing twice

    Examples:
      | song |
      | mp3  |
      | flac |

  Scenario: Music waits for one alert after the other
    Given who is sent away has to wait
    And music plays a flac song on the DSP
    When alerts come after 1, 3, 4 and 8 seconds
    Then all of the music was heard, the alert between two of its frames, and nothing twice

  Scenario: A driver that cuts nothing off repeats less than one frame
    Given a DSP of Qualcomm
    And who is sent away has to wait
    And music plays a flac song on the DSP
    When an alert comes after 3 seconds
    And the alert has ended
    Then all of the music was heard, and less than 4096 frames of it twice

  Scenario: Who is sent away goes on decoded, from the frame that was to be heard next
    Given who is sent away is decoded
    And music plays a flac song on the DSP
    When an alert comes after 3 seconds
    Then the alert is on the DSP, and music is on null
    And music was told to go on with the frame that follows what was heard

  Scenario: What its program asks while it waits is done when it goes on
    Given who is sent away has to wait
    And music plays a flac song on the DSP
    When an alert comes after 3 seconds
    And music is paused by its program
    And the alert has ended
    Then music is on the DSP again
    And nothing of it is heard until its program lets it go on
    And all of the music was heard, the alert between two of its frames, and nothing twice

  Scenario: Music that is flushed while it waits goes on with what comes then
    Given who is sent away has to wait
    And music plays a flac song on the DSP
    When an alert comes after 3 seconds
    And music is flushed and begun again by its program
    And the alert has ended
    Then music is on the DSP again
    And the music was heard for 3 seconds, and then from its beginning to its end

  Scenario: A program that ends while its music waits leaves nothing
    Given who is sent away has to wait
    And music plays a mp3 song on the DSP
    When an alert comes after 3 seconds
    And the music's program ends
    And the alert has ended
    Then the DSP is free

  Scenario: Music that waits when the session manager dies goes on as soon as the DSP is free
    Given who is sent away has to wait
    And music plays a flac song on the DSP
    When an alert comes after 3 seconds
    And the session manager dies, and the bus would let a second stream wait
    And the alert has ended
    Then music is on the DSP again
    And all of the music was heard, the alert between two of its frames, and nothing twice

  Scenario: Music whose frames are not known is decoded
    Given who is sent away has to wait
    And music plays aac on the DSP
    When an alert comes after 3 seconds
    Then the alert is on the DSP, and music is on null
