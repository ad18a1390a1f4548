Feature: Why a board makes no sound
  The doctor looks at every link between a file and a loudspeaker, names the first that is broken, and says what to do.

  Background:
    Given a Dragonboard 845c

  Scenario: A healthy board
    When its owner asks the doctor
    Then all is well
    And everything was checked

  Scenario: One cause, and what follows from it
    Given the DSP's firmware is not installed
    When its owner asks the doctor
    Then the cause is "there is no card DB845c, because the DSP's audio services are not up, because the DSP adsp is offline, because its firmware qcom/sdm845/adsp.mbn is missing"
    And the next command is "scp adsp.mbn root@qcom-armv8a:/lib/firmware/qcom/sdm845/"
    And the kernel's words are "remoteproc remoteproc0: Direct firmware load for qcom/sdm845/adsp.mbn failed with error -2"
    And "dsp" follows from "firmware"
    And "services" follows from "dsp"
    And "card" follows from "services"
    And "compress" follows from "card"

  Scenario Outline: The first broken link is the cause
    Given <failure>
    When its owner asks the doctor
    Then the cause is "<story>"
    And the next command is "<command>"

    Examples:
      | failure | story | command |
      | its board file has a mistake | the board file cannot be used | audiobus board check /etc/audiobus/board.yaml |
      | the kernel is of another build than the root filesystem | there is no card DB845c, because the DSP's audio services are not up, because the DSP adsp is offline, because the kernel that runs has no modules | uname -r; ls /lib/modules |
      | the kernel was built without sound | there is no card DB845c, because the DSP's audio services are not up, because the DSP adsp is offline, because 8 kernel modules are missing, because the kernel has no compress offload | zcat /proc/config.gz \| grep -e CONFIG_SND_SOC -e COMPRESS |
      | the kernel was booted with another board's device tree | there is no card DB845c, because the device tree is not this board's | cat /proc/device-tree/model |
      | the module of its card is not installed | there is no card DB845c, because the kernel module snd_soc_sdm845 is missing | modprobe snd_soc_sdm845 |
      | the firmware came after the driver had asked for it | there is no card DB845c, because the DSP's audio services are not up, because the DSP adsp is offline | echo start > /sys/class/remoteproc/remoteproc0/state |
      | the DSP has crashed | there is no card DB845c, because the DSP's audio services are not up, because the DSP adsp has crashed | echo recover > /sys/class/remoteproc/remoteproc0/recovery |
      | nobody maps the DSP's protection domains | there is no card DB845c, because the DSP's audio services are not up, because nobody maps the DSP's protection domains, because the kernel module qcom_pd_mapper is not loaded | modprobe -a qcom_pd_mapper |
      | the codec of the card never comes up | there is no card DB845c, because sound still waits for another device | dmesg \| grep -i -e sound -e defer |
      | the user is not in the group audio | audiobus may not open /dev/snd/comprC0D3: not in the group audio | usermod -aG audio audiobus |
      | the compress device has another number | card DB845c has no compress device 3, which sink dsp names | audiobus devices |
      | the mixer has no control of the route's name | card DB845c has no mixer control 'QUAT_MI2S_RX Audio Mixer MultiMedia4' | amixer -c DB845c scontrols |

  Scenario Outline: What works is only warned of
    Given <failure>
    When its owner asks the doctor
    Then nothing is broken
    And it warns "<line>"

    Examples:
      | failure                            | line                                                                   |
      | another player has the device      | mpd (pid 321) has /dev/snd/comprC0D3 open                              |
      | the DSP does not take FLAC         | hw:0,3 does not take flac: such files are decoded                      |
      | somebody has moved a mixer control | controls that stand otherwise than the board file sets them: 1 of 18   |
      | decoded audio has no card to go to | ALSA's default device cannot be opened: decoded audio reaches no sound card |

  Scenario: Two things are wrong at once
    Given the DSP's firmware is not installed
    And a unit of ours has failed
    When its owner asks the doctor
    Then "units" follows from "card"

  Scenario: Two causes that have nothing to do with each other
    Given the DSP has crashed
    And its board file has a mistake
    When its owner asks the doctor
    Then the cause is "the board file cannot be used"

  Scenario: A card of another driver owes nothing to a DSP that stands still
    Given the DSP has crashed
    And the card has another driver
    When its owner asks the doctor
    Then "card" stands for itself

  Scenario: A player of ours has the device
    Given audiobus plays on its device
    When its owner asks the doctor
    Then all is well

  Scenario: The firmware was loaded from an initramfs and is gone since
    Given its firmware is missing, and the DSP runs
    When its owner asks the doctor
    Then nothing is broken
    And it warns "the DSP runs, but qcom/sdm845/adsp.mbn is missing"

  Scenario: An older kernel calls the DSP by its device's name
    Given the DSP is called "remoteproc-adsp"
    When its owner asks the doctor
    Then all is well

  Scenario: What cannot be seen is not called broken
    Given a user who sees neither the kernel's log nor debugfs nor the mixer
    When its owner asks the doctor
    Then nothing is broken
    And "routes" was not checked because "cannot reach the mixer control: pyalsaaudio is not installed"

  Scenario: Another player has the sound card of a laptop
    Given a laptop
    And another program plays on ALSA's default device
    When its owner asks the doctor
    Then all is well

  Scenario: The kernel says of a module only that it was built elsewhere
    Given the module of its card is not installed
    And the kernel said "snd_soc_sdm845: loading out-of-tree module taints kernel."
    And the kernel said "q6asm-dai: ASoC: topology failed"
    When its owner asks the doctor
    Then the kernel is quoted with "q6asm-dai: ASoC: topology failed" alone

  Scenario: A laptop without any DSP
    Given a laptop
    When its owner asks the doctor
    Then all is well
    And it is told to play on the virtual DSP
