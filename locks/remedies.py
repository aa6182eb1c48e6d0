"""What to do about it: for every error and warning of a code or a lock one sentence for a clerk and one for an owner.

A clerk has the guest in front of them and no account at the maker; an owner has the maker's app and a ladder. The keys
are the codes as they stand on the rows, and a few more facts that only alarms tell (`locks.alarms`).
"""

from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from hospitality.models import Role

STILL_ON_DOOR = "code_still_on_door"
TAKEN_OFF = "code_taken_off_again_and_again"
LIST_SHRUNK = "codes_missing_from_list"
NOT_LOOKED_AT = "lock_not_looked_at"
NOT_PLACED = "device_not_placed"
LEFT_ON = "backup_code_left_on"
NOT_TOLD = "program_not_told"
LOW, EMPTY = "battery_low", "battery_empty"
"""Facts that are no error or warning of a row by themselves."""


@dataclass(frozen=True)
class Remedy:
    """`what` is so, as half a sentence; what a clerk and what an owner can do about it, each one sentence."""

    what: str
    clerk: str
    owner: str

    def for_role(self, role: Role) -> str:
        """The sentence for the reader; a manager, who may do all, gets the owner's."""
        return self.clerk if role == Role.DESK else self.owner


REMEDIES = {
    # Codes: on their way to the lock.
    "delay_in_setting_on_device": Remedy(
        _("late: the code is not on the lock yet"),
        _("Wait a few minutes; if the guest is at the door now, hand out a backup code."),
        _(
            "Check that the lock has power and network; the code goes on by itself as soon as the lock answers."
        ),
    ),
    "failed_to_set_on_device": Remedy(
        _("the code could not be put on the lock"),
        _("Hand out a backup code or open with a staff key, and tell the owner; it is still being tried."),
        _(
            "Check the lock's power, network and distance to its hub; the code goes on by itself once it answers."
        ),
    ),
    "no_space_for_access_code_on_device": Remedy(
        _("no free place on the lock"),
        _(
            "Hand out a backup code or open with a staff key; the code goes on by itself once a place is free."
        ),
        _(
            "Delete codes that nobody needs in the maker's app; waiting codes go on by themselves, nearest arrival first."
        ),
    ),
    "duplicate_code_on_device": Remedy(
        _("another code on the lock has these digits"),
        _("Read the PIN again before you tell it, as it may change; if it stays so, hand out a backup code."),
        _("Delete the other code with these digits in the maker's app, or give it other digits there."),
    ),
    "code_constraints_violated": Remedy(
        _("the lock does not take this code"),
        _(
            "Hand out a backup code, or choose other times for the stay if the lock names the ones that it takes."
        ),
        _(
            "Compare the lock's rules for digits, times and names in the maker's app with the refusal shown here."
        ),
    ),
    "access_code_inactive": Remedy(
        _("the code is switched off at the lock"),
        _("Hand out a backup code if the guest is at the door now; the code is switched on again by itself."),
        _("Leave the code switched on in the maker's app; if it should not open, ask the desk to end it."),
    ),
    # Codes: on their way off the lock.
    "delay_in_removing_from_device": Remedy(
        _("late: the code is still on the door"),
        _("Do not let the room before the code is off; it may still open the door."),
        _(
            "Check that the lock has power and network; the code comes off by itself as soon as the lock answers."
        ),
    ),
    "failed_to_remove_from_device": Remedy(
        _("the code could not be taken off the door"),
        _("Give the next guest another room, and have the owner see to the lock."),
        _(
            "Bring the lock back online, or delete the code at its keypad; it comes off by itself once the lock answers."
        ),
    ),
    STILL_ON_DOOR: Remedy(
        _("a code that should be off is still on the door"),
        _(
            "Do not let the room before the code is off; if it must be let now, have somebody see to the lock first."
        ),
        _(
            "Bring the lock back online, or delete the code at its keypad; it comes off by itself once the lock answers."
        ),
    ),
    # Codes: changed by somebody else.
    "conflicting_external_modification": Remedy(
        _("somebody changed the code at the lock"),
        _("Nothing to do, it is put back as the stay has it; ask the owner not to change guests' codes."),
        _(
            "Leave this code alone in the maker's app, for it is put back; ask the desk to change the stay instead."
        ),
    ),
    "external_modification_in_effect": Remedy(
        _("the code stands as its owner changed it"),
        _(
            "Tell the guest what is different; if they cannot get in, hand out a backup code and ask the owner."
        ),
        _(
            "Your change stands because this code may be edited outside; undo it in the maker's app if you did not mean it."
        ),
    ),
    TAKEN_OFF: Remedy(
        _("the code is taken off the lock again and again"),
        _(
            "Hand out a backup code or open with a staff key, and ask the owner who deletes codes on this lock."
        ),
        _(
            "Find who or what deletes codes on this lock (another app, a second account, a routine) and stop it."
        ),
    ),
    # Codes: what their maker warns of.
    "code_rotates_periodically": Remedy(
        _("the maker gives the code other digits from time to time"),
        _("Read the PIN again each time before you tell it."),
        _("Nothing to do at the lock; whoever uses the code asks for its digits anew each time."),
    ),
    "time_frame_adjusted_for_unknown_time_zone": Remedy(
        _("the code may open an hour too long, as the lock's time zone is not known"),
        _("Nothing to do: it opens for the whole of its time, and perhaps an hour before or after."),
        _("Set the lock's time zone in the maker's app, so that its codes keep their times."),
    ),
    "management_transferred": Remedy(
        _("another account at the maker manages the code now"),
        _("Tell the owner, and do not count on changing or ending this code from here."),
        _("Find out who took the code over at the maker, and have it given back or deleted there."),
    ),
    "unknown_issue_with_access_code": Remedy(
        _("the maker has trouble with the code and does not say which"),
        _("Have the guest try the code, and hand out a backup code if it does not open."),
        _("Look at the code in the maker's app, and ask the maker if it stays so."),
    ),
    # Codes made by arithmetic.
    "cannot_be_revoked": Remedy(
        _("the code cannot be taken back and opens until it ends"),
        _("Give the next guest another room until the code has ended."),
        _(
            "Nobody can end this code early from here; have the door watched, or the room kept free, until it has ended."
        ),
    ),
    "window_not_covered": Remedy(
        _("the code does not cover the whole stay"),
        _("Give the guest another code for the part that is left out: a backup code, or a new offline one."),
        _("Nothing to do at the lock, which counts in coarser times; the desk gives the guest another code."),
    ),
    "must_be_used_within_24_hours": Remedy(
        _("the code dies if it is not used within its first 24 hours"),
        _(
            "Tell the guest to open the door with it on the first day; if that was missed, issue another code."
        ),
        _(
            "Nothing to do at the lock; it counts long codes so, and the desk issues another one if the day was missed."
        ),
    ),
    # Backup codes.
    "using_backup_access_code": Remedy(
        _("the guest has a backup code for this door"),
        _(
            "Tell the guest to use the backup code until the stay ends, and have somebody see why their own one failed."
        ),
        _("See why the guest's own code did not open: power, network, or a worn keypad."),
    ),
    "empty_backup_access_code_pool": Remedy(
        _("no backup code is ready"),
        _(
            "Have a staff key at hand for this door: there is no backup code to hand out until the lock takes new ones."
        ),
        _("Bring the lock online and free places on it; new backup codes are put on by themselves."),
    ),
    "partial_backup_access_code_pool": Remedy(
        _("fewer backup codes are ready than should be"),
        _("Nothing to do, more are on their way; keep the ready ones for guests who cannot get in."),
        _(
            "If it stays so, free places on the lock or see why it does not answer; more are put on by themselves."
        ),
    ),
    "many_active_backup_codes": Remedy(
        _("more backup codes are in use than are kept"),
        _("Ask the owner to see why guests cannot get in with their own codes here."),
        _("Find out why guests' own codes fail at this door: power, network, or a worn keypad."),
    ),
    LEFT_ON: Remedy(
        _("a backup code still opens the door though its guest has left"),
        _("Ask the owner to take the code off: whoever was told it can come in again."),
        _("Take the code off the lock, unless you know everybody who was told it."),
    ),
    # Locks.
    "device_disconnected": Remedy(
        _("lock offline"),
        _(
            "Use a backup code or a staff key for this door; what waits goes on by itself once the lock is back."
        ),
        _("Check the lock's batteries, and its distance to the hub or the network."),
    ),
    "hub_disconnected": Remedy(
        _("the locks' hub does not answer"),
        _(
            "Use backup codes or staff keys for these doors; what waits goes on by itself once the hub is back."
        ),
        _("Check the hub's power and network, then whether the maker's service is down."),
    ),
    "account_disconnected": Remedy(
        _("the maker refuses our account"),
        _(
            "Tell a manager, and use backup codes or staff keys for these doors until the account is let in again."
        ),
        _(
            "Sign in at the maker to see that the account is in order, and have a manager enter its new credentials."
        ),
    ),
    "device_removed": Remedy(
        _("the lock is gone from the maker's account"),
        _("Open this door with a staff key and tell the owner: nothing is known of the codes on it."),
        _(
            "Add the lock to the maker's account again; if it comes back as a new device, say here that it takes this one's place."
        ),
    ),
    "provider_issue": Remedy(
        _("the maker has trouble, or its answers make no sense"),
        _("Wait a few minutes; if a guest needs the door now, hand out a backup code."),
        _(
            "See in the maker's app whether it reports a disturbance; what waits is tried again by itself until it works."
        ),
    ),
    LIST_SHRUNK: Remedy(
        _("codes are missing from the lock's list"),
        _("Hand out no backup code of this door until its list is whole again; open with a staff key."),
        _("Look in the maker's app whether the codes are there: after a reset of the lock they are not."),
    ),
    "max_access_codes_reached": Remedy(
        _("no place for further codes"),
        _("Tell the owner; codes of guests who arrive later wait until a place is free."),
        _("Delete codes that nobody needs in the maker's app, or keep fewer backup codes on this lock."),
    ),
    "time_zone_unknown": Remedy(
        _("the lock's time zone is not known"),
        _("Nothing to do: codes go on just before they are needed, as the lock cannot be given times."),
        _("Set the lock's time zone in the maker's app; until then codes go on just before they are needed."),
    ),
    # Locks: what their maker warns of, which nobody can see from here.
    "third_party_integration_detected": Remedy(
        _("another program manages the codes of this lock as well"),
        _("Tell the owner; if a guest cannot get in, hand out a backup code."),
        _("Find the other app or service that is connected to this lock at its maker, and disconnect it."),
    ),
    "insufficient_permissions": Remedy(
        _("the account at the maker may not manage this lock"),
        _("Use a staff key for this door and tell the owner; codes may not go on or come off."),
        _("Give the account the rights of an owner or an administrator of this lock at the maker."),
    ),
    "hub_required_for_additional_capabilities": Remedy(
        _("without a hub the lock cannot do all that it could"),
        _("Nothing to do; this door may not be opened from afar."),
        _("Connect the maker's hub if the desk is to open this door from afar."),
    ),
    "ttlock_lock_gateway_unlocking_not_enabled": Remedy(
        _("opening from afar is switched off at the lock"),
        _("Do not count on opening this door from here; keep a staff key at hand."),
        _("Switch on opening from afar for this lock in the maker's app, if the desk is to open it."),
    ),
    "ttlock_weak_gateway_signal": Remedy(
        _("weak signal between the lock and its gateway"),
        _("Codes may go on and come off late here; keep a staff key at hand for this door."),
        _("Move the gateway nearer to the lock, or add another one."),
    ),
    "device_communication_degraded": Remedy(
        _("the lock hardly answers"),
        _("Codes may go on and come off late here; keep a staff key at hand for this door."),
        _("Check the lock's batteries, and its distance to the hub or the network."),
    ),
    "device_has_flaky_connection": Remedy(
        _("the connection to the lock comes and goes"),
        _("Codes may go on and come off late here; keep a staff key at hand for this door."),
        _("Check the lock's batteries, and its distance to the hub or the network."),
    ),
    "unreliable_online_status": Remedy(
        _("the maker cannot say for sure whether the lock is online"),
        _("Do not trust that the lock is online: go by whether its codes are confirmed."),
        _("Nothing to do at the lock; see to its network if codes are confirmed late again and again."),
    ),
    "scheduled_maintenance_window": Remedy(
        _("the maker has announced maintenance"),
        _("Codes may go on and come off late while it lasts; keep a staff key at hand."),
        _("See the maker's notices for when it begins and ends; what waits is done by itself afterwards."),
    ),
    "power_saving_mode": Remedy(
        _("the lock saves power and cannot do all that it could"),
        _("Tell the owner, and keep a staff key at hand for this door."),
        _("Change the batteries, or switch the power saving off in the maker's app."),
    ),
    "privacy_mode": Remedy(
        _("privacy mode: no code opens the door"),
        _("Knock or call the room: while privacy mode lasts, opening from afar does not help either."),
        _("Have privacy mode ended in the room, or in the maker's app if nobody is in there."),
    ),
    "salto_ks_office_mode": Remedy(
        _("office mode: codes do not open the door"),
        _("Open this door with a staff key and tell the owner: no code opens it now."),
        _("Switch the lock's office mode off in the maker's app."),
    ),
    "salto_ks_subscription_limit_almost_reached": Remedy(
        _("the account at the maker has almost as many users as it may have"),
        _("Tell the owner: once there are as many, new codes stay off the doors."),
        _("Raise the limit of the subscription, or delete users that nobody needs in the maker's app."),
    ),
    "salto_ks_lock_access_code_support_removed": Remedy(
        _("the lock may not take codes any more, since the maker takes it for another model"),
        _("Keep a staff key at hand for this door and tell the owner; new codes may not go on."),
        _("Set the lock up again at the maker: this happens when its hub was reset."),
    ),
    "time_zone_mismatch": Remedy(
        _("the lock's clock does not run in its time zone"),
        _("Codes may open too early or too late here; if one does not open yet, hand out a backup code."),
        _("Set the lock's clock and its time zone right in the maker's app."),
    ),
    "two_n_device_missing_timezone": Remedy(
        _("the device takes no codes while it has no time zone"),
        _("Use a staff key for this door and tell the owner; codes go on once the time zone is set."),
        _("Set the time zone at the device itself; the codes that wait go on by themselves then."),
    ),
    "accessory_keypad_setup_required": Remedy(
        _("codes do not go on, as the keypad is not linked to its bridge"),
        _("Use a staff key for this door and tell the owner; codes go on once the keypad is linked."),
        _("Link the keypad to its bridge in the maker's app; the codes that wait go on by themselves then."),
    ),
    "accessory_keypad_low_battery": Remedy(
        _("the keypad's battery is low"),
        _("Tell the owner, so that the batteries are changed before the keypad stops."),
        _("Change the keypad's batteries within the next days."),
    ),
    "keynest_unsupported_locker": Remedy(
        _("the key lies in a locker that takes no codes"),
        _("Give the guest the key in another way, and tell the owner."),
        _("Have the key put into a locker that takes codes."),
    ),
    NOT_LOOKED_AT: Remedy(
        _("nobody looks at the lock although it is due"),
        _(
            "Tell a manager at once: what these pages say of these doors is old, and no code goes on or comes off."
        ),
        _("Have the worker of this system started again; it takes up by itself what was left."),
    ),
    NOT_PLACED: Remedy(
        _("a new device that nobody has placed"),
        _("Ask the owner where the new device is: it opens nothing until that is said."),
        _("Say at which door the new device is, and whether it takes the place of a lock that went offline."),
    ),
    NOT_TOLD: Remedy(
        _("another program is not told what happens"),
        _("Tell a manager; doors and codes go on as before, but that program does not hear of it."),
        _("A manager sees under Settings, Programs why nothing arrives, and can send what was lost again."),
    ),
    LOW: Remedy(
        _("battery low"),
        _("Tell the owner, so that the batteries are changed before the lock stops."),
        _("Change the batteries within the next days."),
    ),
    EMPTY: Remedy(
        _("battery nearly empty"),
        _("Have the batteries changed today, and a staff key at hand for this door."),
        _("Change the batteries today: a lock without power opens to nobody."),
    ),
}


def of(code: str) -> Remedy:
    """The remedy for an error or a warning. One that is not in the table stays visible as itself."""
    if known := REMEDIES.get(code):
        return Remedy(gettext(known.what), gettext(known.clerk), gettext(known.owner))
    unknown = gettext("“%(code)s” has no remedy here yet; ask whoever runs this system what it means.")
    return Remedy(code, unknown % {"code": code}, unknown % {"code": code})
