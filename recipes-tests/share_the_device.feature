Feature: One device, many programs
  A compress device has one user at a time. Whoever comes second is told so, and whoever leaves leaves it free.

  Background:
    Given a board with the virtual DSP

  Scenario: The second player is told who was first
    Given a long song is playing
    When audiobus plays the demo MP3
    Then it ended with 1
    And it said "device or resource busy (EBUSY)"
    And it said "audiobus (pid"
    And the first player plays on

  Scenario: With a choice, the second player decodes
    Given a long song is playing
    When audiobus plays a FLAC of 24 bits with a picture on any device and otherwise on nothing
    Then it ended with 0
    And it was decoded because "busy: audiobus"

  Scenario Outline: A player that is asked to stop leaves the device free
    Given a song is <doing>
    When the player gets <signal>
    Then it ended with <status>
    And the device is free at once

    Examples:
      | doing    | signal  | status |
      | playing  | SIGINT  | 130    |
      | playing  | SIGTERM | 143    |
      | draining | SIGINT  | 130    |
      | draining | SIGTERM | 143    |

  Scenario Outline: A player that is killed leaves the device free
    Given a song is <doing>
    When the player gets SIGKILL
    Then it ended with 137
    And the device is free at once
    And the demo MP3 can be played

    Examples:
      | doing    |
      | playing  |
      | draining |

  Scenario: A route that is off is named
    Given its driver is loaded with "route_required=1"
    When audiobus plays the demo MP3
    Then it ended with 1
    And it said "invalid argument (EINVAL)"
    And it said "QUAT_MI2S_RX Audio Mixer MultiMedia4"
    And the device is free at once

  Scenario: A route is switched on for the song and off again
    Given its driver is loaded with "route_required=1"
    When audiobus plays the demo MP3 with the route "QUAT_MI2S_RX Audio Mixer MultiMedia4"
    Then it played to the end
    And the DSP consumed the song's frames byte for byte
    And the route is off again

  Scenario: A route is off again after a failure too
    Given its driver is loaded with "route_required=1"
    And the driver's next set_params fails with EIO
    When audiobus plays the demo MP3 with the route "QUAT_MI2S_RX Audio Mixer MultiMedia4"
    Then it ended with 1
    And it said "(EIO)"
    And the route is off again
