Feature: Using a board file
  A board's owner writes down how its sound hangs together, and from then on says only what to play and where. The kernel,
  its mixer and its cards are real; the board file is the one of QEMU's image.

  Background:
    Given a board with the virtual DSP

  Scenario Outline: The sink's output is on for the song and off again
    Given its driver is loaded with "route_required=1"
    When <program> plays the demo MP3 by the board file
    Then it played to the end
    And the DSP consumed the song's frames byte for byte
    And only <route> was on, and it is off again

    Examples:
      | program                           | route                                |
      | audiobus on dsp                   | QUAT_MI2S_RX Audio Mixer MultiMedia4 |
      | audiobus on any device            | QUAT_MI2S_RX Audio Mixer MultiMedia4 |
      | audiobus on hw:VirtualDSP,0       | QUAT_MI2S_RX Audio Mixer MultiMedia4 |
      | audiobus on dsp, route speaker,   | SLIMBUS_0_RX Audio Mixer MultiMedia4 |

  Scenario: fcplay's flags name the same sink
    Given its driver is loaded with "route_required=1"
    When pyfcplay plays the demo MP3 by the board file
    Then it ended with 0
    And the DSP consumed the song's frames byte for byte
    And only QUAT_MI2S_RX Audio Mixer MultiMedia4 was on, and it is off again

  Scenario: What a card's controls must be is set once
    When its controls are set
      """
      cards:
        VirtualDSP:
          driver: snd-virtual-dsp
          controls:
            SLIMBUS_0_RX Audio Mixer MultiMedia4: on
      """
    Then it ended with 0
    And it printed "VirtualDSP: SLIMBUS_0_RX Audio Mixer MultiMedia4: on"
    When its controls are set again
    Then it printed "VirtualDSP: SLIMBUS_0_RX Audio Mixer MultiMedia4: on (it was so already)"

  Scenario: A control that is not there keeps no other from being set
    When its controls are set
      """
      cards:
        VirtualDSP:
          controls:
            SLIMBUS_0_RX Audio Mixer MultMedia4: on
            name='QUAT_MI2S_RX Audio Mixer MultiMedia4': 1
      """
    Then it ended with 1
    And it said "4:7: card VirtualDSP has no mixer control 'SLIMBUS_0_RX Audio Mixer MultMedia4'"
    And it said "did you mean 'SLIMBUS_0_RX Audio Mixer MultiMedia4'?"
    And it printed "QUAT_MI2S_RX Audio Mixer MultiMedia4': 1"

  Scenario: A card that is of another kind is left alone
    When its controls are set
      """
      cards:
        VirtualDSP:
          driver: sdm845
          controls:
            SLIMBUS_0_RX Audio Mixer MultiMedia4: on
      """
    Then it ended with 1
    And it said "2:3: card VirtualDSP has the driver 'snd-virtual-dsp', and the board file says 'sdm845'"
    And no route was ever on

  Scenario: A card comes late
    Given the card is gone
    And somebody waits to set its controls
    When its driver is loaded anew
    Then it is done and ended with 0
    And it printed "SLIMBUS_0_RX Audio Mixer MultiMedia4: on"

  Scenario: What the board file does not let the DSP have is decoded
    When audiobus plays the demo MP3 by a board file that leaves the DSP only FLAC
    Then it ended with 0
    And it was decoded, for the DSP is to have "flac"
