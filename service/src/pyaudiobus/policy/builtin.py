"""The hooks that come along. Their order is in what they say of each other; here is only which there are."""

from __future__ import annotations

from pyaudiobus.policy.access.find_granted_role import find_granted_role
from pyaudiobus.policy.access.find_ruled_role import find_ruled_role
from pyaudiobus.policy.access.keep_daemon_role import keep_daemon_role
from pyaudiobus.policy.access.restrict_sandboxed import restrict_sandboxed
from pyaudiobus.policy.default.find_best_default import find_best_default
from pyaudiobus.policy.default.find_chosen_default import find_chosen_default
from pyaudiobus.policy.default.find_remembered_default import find_remembered_default
from pyaudiobus.policy.filter.insert_smart_filter import insert_smart_filter
from pyaudiobus.policy.hook import Hook
from pyaudiobus.policy.keys.follow_active_role import follow_active_role
from pyaudiobus.policy.keys.follow_default_sink import follow_default_sink
from pyaudiobus.policy.move.move_to_target import move_to_target
from pyaudiobus.policy.move.stay_if_dont_reconnect import stay_if_dont_reconnect
from pyaudiobus.policy.move.stay_if_unmovable import stay_if_unmovable
from pyaudiobus.policy.move.stay_in_group import stay_in_group
from pyaudiobus.policy.move.stay_unless_following import stay_unless_following
from pyaudiobus.policy.owner.choose_first_in_line import choose_first_in_line
from pyaudiobus.policy.owner.keep_exclusive_owner import keep_exclusive_owner
from pyaudiobus.policy.owner.keep_owner import keep_owner
from pyaudiobus.policy.owner.preempt_by_role import preempt_by_role
from pyaudiobus.policy.power.stay_awake_while_used import stay_awake_while_used
from pyaudiobus.policy.power.suspend_when_idle import suspend_when_idle
from pyaudiobus.policy.profile.find_best_profile import find_best_profile
from pyaudiobus.policy.profile.keep_chosen_profile import keep_chosen_profile
from pyaudiobus.policy.profile.restore_profile import restore_profile
from pyaudiobus.policy.profile.use_configured_profile import use_configured_profile
from pyaudiobus.policy.retry.retry_with_backoff import retry_with_backoff
from pyaudiobus.policy.role.cork_for_role import cork_for_role
from pyaudiobus.policy.role.duck_for_role import duck_for_role
from pyaudiobus.policy.role.mix_otherwise import mix_otherwise
from pyaudiobus.policy.role.pause_for_role import pause_for_role
from pyaudiobus.policy.route.find_best_route import find_best_route
from pyaudiobus.policy.route.keep_chosen_route import keep_chosen_route
from pyaudiobus.policy.route.restore_route import restore_route
from pyaudiobus.policy.route.use_configured_route import use_configured_route
from pyaudiobus.policy.target.find_best_target import find_best_target
from pyaudiobus.policy.target.find_default_target import find_default_target
from pyaudiobus.policy.target.find_dsp_target import find_dsp_target
from pyaudiobus.policy.target.find_filter_target import find_filter_target
from pyaudiobus.policy.target.find_group_target import find_group_target
from pyaudiobus.policy.target.find_named_target import find_named_target
from pyaudiobus.policy.target.find_remembered_target import find_remembered_target
from pyaudiobus.policy.target.find_role_target import find_role_target
from pyaudiobus.policy.target.find_ruled_target import find_ruled_target
from pyaudiobus.policy.target.refuse_second_link import refuse_second_link
from pyaudiobus.policy.target.wait_for_device import wait_for_device
from pyaudiobus.policy.target.wait_unless_autoconnect import wait_unless_autoconnect
from pyaudiobus.policy.volume.keep_given_volume import keep_given_volume
from pyaudiobus.policy.volume.restore_volume import restore_volume
from pyaudiobus.policy.volume.use_role_volume import use_role_volume
from pyaudiobus.policy.volume.use_safe_volume import use_safe_volume

HOOKS: tuple[Hook, ...] = (
    find_granted_role,
    find_ruled_role,
    keep_daemon_role,
    restrict_sandboxed,
    find_best_profile,
    keep_chosen_profile,
    restore_profile,
    use_configured_profile,
    find_best_route,
    keep_chosen_route,
    restore_route,
    use_configured_route,
    retry_with_backoff,
    find_best_default,
    find_chosen_default,
    find_remembered_default,
    choose_first_in_line,
    keep_exclusive_owner,
    keep_owner,
    preempt_by_role,
    find_best_target,
    find_default_target,
    find_dsp_target,
    find_filter_target,
    find_group_target,
    find_named_target,
    find_remembered_target,
    find_role_target,
    find_ruled_target,
    refuse_second_link,
    wait_for_device,
    wait_unless_autoconnect,
    insert_smart_filter,
    move_to_target,
    stay_if_dont_reconnect,
    stay_if_unmovable,
    stay_in_group,
    stay_unless_following,
    cork_for_role,
    duck_for_role,
    mix_otherwise,
    pause_for_role,
    follow_active_role,
    follow_default_sink,
    keep_given_volume,
    restore_volume,
    use_role_volume,
    use_safe_volume,
    stay_awake_while_used,
    suspend_when_idle,
)
