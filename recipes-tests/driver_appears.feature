Feature: A DSP on a machine that has none
  The kernel gets a driver whose DSP is virtual; everything in front of it is the kernel's own.

  Background:
    Given a board with the virtual DSP

  Scenario: The card appears
    Then the kernel lists the card "VirtualDSP" of the driver "snd-virtual-dsp"
    And it has a node for compressed playback, "comprC0D0"

  Scenario Outline: The device is described as its driver was set up
    Given its driver is loaded with "<settings>"
    When the owner asks audiobus for the devices
    Then <device> is usable
    And it takes the codecs <codecs>
    And it takes <fragments> fragments of <sizes> bytes

    Examples:
      | settings                                       | device | codecs                    | fragments | sizes        |
      |                                                | hw:0,0 | mp3, flac, wma, alac, ape | 4..64     | 8192..131072 |
      | min_fragment_size=51200 max_fragment_size=1048576 min_fragments=2 max_fragments=4 | hw:0,0 | mp3, flac, wma, alac, ape | 2..4 | 51200..1048576 |
      | codecs=flac,aac index=2 device=3               | hw:2,3 | flac, aac                 | 4..64     | 8192..131072 |
      | imitate=q6asm                                  | hw:0,0 | mp3, flac, wma, alac, ape | 4..64     | 8192..131072 |

  Scenario: A device that is held by a player is said to be
    Given a long song is playing
    When the owner asks audiobus for the devices
    Then hw:0,0 is unusable because it is "busy: audiobus"

  Scenario: A device that was unplugged is not listed
    Given the card is unplugged
    When the owner asks audiobus for the devices
    Then hw:0,0 is not among them
