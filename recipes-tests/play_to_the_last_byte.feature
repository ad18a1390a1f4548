Feature: A song reaches the DSP whole and undecoded

  Background:
    Given a board with the virtual DSP

  Scenario Outline: Every frame of the file, and nothing else
    When audiobus plays <song>
    Then it played to the end
    And the DSP consumed the song's frames byte for byte
    And every frame of it was heard

    Examples:
      | song                             |
      | an MP3 of constant bit rate      |
      | an MP3 of variable bit rate      |
      | an MP3 with tags at both ends    |
      | a mono MP3 of low rate           |
      | the demo MP3                     |
      | the demo FLAC                    |
      | a FLAC of 24 bits with a picture |
      | a FLAC in an Ogg file            |

  Scenario: The DSP is told what it gets
    When audiobus plays the demo FLAC
    Then the driver was told that it gets flac with 2 channels at the song's rate
    And it was told the sizes of the song's blocks

  Scenario Outline: A player with fcplay's flags
    When pyfcplay plays the demo MP3 with a buffer of <buffer> bytes in <fragments> fragments
    Then it ended with 0
    And the DSP consumed the song's frames byte for byte
    And the driver's ring had <fragments> fragments of <size> bytes

    Examples:
      | buffer | fragments | size  |
      | 65536  | 8         | 8192  |
      | 131072 | 4         | 32768 |

  Scenario: A DSP with the habits of Qualcomm's
    Given its driver is loaded with "imitate=q6asm route_required=0"
    When audiobus plays the demo MP3
    Then it played to the end
    And the DSP consumed the song's frames byte for byte

  Scenario: One song after another
    When audiobus plays the demo MP3 and then a FLAC of 24 bits with a picture
    Then it played to the end
    And the DSP consumed the frames of both, one after the other

  Scenario Outline: The position is the driver's, or says how far off it may be
    Given its driver is loaded with "timestamps=<timestamps>"
    When a song of 20 seconds plays and its position is compared with the driver's clock
    Then each position is right within its own uncertainty
    And the uncertainty is at most <seconds> seconds
    And the position never went back

    Examples:
      | timestamps | seconds |
      | 1          | 0.001   |
      | 0          | 1.6     |

  Scenario: The end is when the last frame was heard
    When audiobus plays a song of 20 seconds
    Then it played to the end
    And 20 seconds lay between start and end of the drain
    And the device was closed only after that

  Scenario: The player waits while the ring still sounds
    Given a song of 20 seconds is playing
    When all of it was written and 10 seconds pass
    Then the player is still there and the driver is draining

  Scenario: Pause and resume
    When a song of 20 seconds is paused for 2 seconds on the way
    Then the driver stood still meanwhile
    And the DSP consumed the song's frames byte for byte
    And every frame of it was heard
