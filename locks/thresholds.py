"""Every time and count by which codes and locks are judged, in one place."""

from datetime import timedelta

PRELOAD = timedelta(hours=72)
"""How long before its start a lock that keeps schedules is loaded (the seeds)."""
DELAY_AFTER = timedelta(minutes=3)
"""Late in setting by this much: a warning, `delay_in_setting_on_device`."""
REMOVAL_DELAY_AFTER = timedelta(seconds=60)
"""Late in removing by this much: a warning, `delay_in_removing_from_device`; somebody may still get in."""
FAILED_AFTER = timedelta(minutes=15)
"""Late by this much, near the stay: an error, `failed_to_...`. It clears when the door is right again."""
LOOK_EVERY = timedelta(minutes=10)
"""A lock with nothing to do is still looked at this often."""
LOOK_EVERY_NEAR = timedelta(seconds=60)
"""The same while a code is late or within half an hour of its start or end."""
NEAR = timedelta(minutes=30)
POLL_AFTER = timedelta(seconds=2)
"""How soon a provider is asked what became of a write that it accepted."""
OPERATION_LASTS = timedelta(minutes=10)
"""A write that was accepted this long ago and is still not done is given up: the lock is looked at instead."""
OPERATION_AWAITED = timedelta(hours=24)
"""The same where the code is over by then and not on its lock: only the maker could still put it there, at any time."""
TOLERANCE = timedelta(seconds=60)
"""Times on a lock that differ by less are the same: many locks count in minutes."""
MANY_GONE = 2
"""So many of a lock's known codes missing at once stop all work on it and raise the alarm until a second listing
agrees. One that is missing alone is only looked for again."""
DRIFT_SHOWN = timedelta(minutes=15)
"""How long the error of a change from outside stands after our state was put back."""
REMOVALS_COUNT_FOR = timedelta(hours=24)
REMOVALS_WARN, REMOVALS_FAIL = 2, 3
"""A code that is taken off its lock from outside so often within a day is a warning, then a person's task."""
NO_PLACE = "no_space_for_access_code_on_device"
FIRST_USE_WITHIN = timedelta(hours=24)
"""A longer code that was made by arithmetic must be used for the first time within this time of its start."""
LOST = {"account_disconnected", "device_removed"}
"""Troubles after which nothing can be known of what is on the lock: its codes are `unknown`."""
DIGITS_REMEMBERED = timedelta(days=90)
"""So long after a code was on a lock no backup code of that lock begins with its digits."""
SPOILT_WITHIN, MOST_SPOILT = timedelta(hours=24), 20
"""A lock that spoils so many unissued backup codes in that time spoils whatever comes: that is a person's task."""
WEBHOOKS_KEPT = timedelta(days=90)
"""How long a webhook is kept as it came: a maker repeats one for days, not for months."""
LOW_BATTERY, EMPTY_BATTERY = 0.2, 0.1
"""Of a lock's battery, 0.0 to 1.0."""
UNLOCK_LASTS = timedelta(seconds=20)
"""How long after the asking a door may still be opened from afar, and how long an answer is waited for after that."""
PULL_AWAITED = timedelta(seconds=20)
"""How long an answer is waited for after a lock's maker was asked for a backup code of its own."""
PULL_AGAIN_AFTER = timedelta(minutes=1)
"""A maker that refused one is asked again no sooner than that."""
PULL_SHOWN = timedelta(minutes=30)
"""How long the screen says that a maker was asked and gave none."""
