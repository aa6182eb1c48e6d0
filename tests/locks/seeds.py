"""The sentences about codes in the documents that the product is made from, and the tests that show each of them.

`SENTENCES[document][sentence]` names tests as `file::test`, from the `tests` folder. Sentences that only advertise, link
or show how a call is spelled in five languages are not about codes; the spelling is the API's.
"""

RECONCILE = "locks/test_reconcile.py"
KINDS = "locks/test_kinds.py"
SIGNALS = "locks/test_signals.py"
DRIFT = "locks/test_drift.py"
WRITES = "locks/test_writes.py"
BACKUPS = "locks/test_backups.py"
WORKFLOW = "locks/test_backup_workflow.py"
SPARES = "locks/test_spares.py"
POOL = "locks/test_pool.py"
GIVING = "reservations/test_giving.py"
GIVEN = "reservations/messages/test_given.py"
OFFLINE = "locks/test_offline.py"
PLACING = "locks/test_placing.py"
UNMANAGED = "locks/test_unmanaged.py"
STAYS = "reservations/test_stays.py"
TOLD = "reservations/messages/test_guest_message.py"
MESSAGES = "reservations/messages/test_rules.py"

SENTENCES: dict[str, dict[str, list[str]]] = {
    "Access Code Management for Hospitality": {
        "you can set the starts_at time to the check-in time, and the ends_at time to the check-out time": [
            f"{STAYS}::test_a_stay_with_a_room_has_its_code_on_the_door_ahead_of_the_guest",
            f"{STAYS}::test_other_dates_move_the_code_with_the_same_digits",
        ],
        "Our system will attempt programming the code 30 minutes prior to the guest stay": [
            f"{RECONCILE}::test_just_in_time_is_programmed_half_an_hour_before_and_removed_at_the_end",
            f"{KINDS}::test_how_long_before_is_the_propertys_to_say",
        ],
        "When a future access_code is first created, its status will be unset. Its status will transition to set once "
        "the starts_at date has begun, and the code has been programmed on the door lock": [
            f"{KINDS}::test_a_time_bound_code_goes_from_unset_over_set_to_off_the_lock",
            f"{RECONCILE}::test_nothing_is_said_to_be_set_before_it_was_seen",
        ],
        "will only be active during the duration of the scheduled time": [
            f"{KINDS}::test_a_time_bound_code_goes_from_unset_over_set_to_off_the_lock",
            f"{RECONCILE}::test_on_a_turnover_the_next_guest_waits_for_the_window_before_to_close",
        ],
        "This will be shared with a guest prior to their arrival": [
            f"{MESSAGES}::test_hours_before_arrival",
            f"{MESSAGES}::test_a_pin_is_never_sent_before_the_guest_may_know_it",
        ],
        "if (access_code.errors.length === 0)": [
            f"{TOLD}::test_access_code_errors_length_0_your_access_code_is_the_code",
        ],
        "return `Hello Guest! Your access code is: ${access_code.code}`": [
            f"{TOLD}::test_access_code_errors_length_0_your_access_code_is_the_code",
        ],
        "const backup_access_code = await seam.accessCodes.pullBackupAccessCode({": [
            f"{TOLD}::test_else_pull_backup_access_code_and_your_access_code_is_the_backup",
        ],
        "return `Hello Guest! Your access code is: ${backup_access_code.code}`": [
            f"{TOLD}::test_else_pull_backup_access_code_and_your_access_code_is_the_backup",
        ],
        "A way to message guests the backup code when they have trouble getting in": [
            f"{MESSAGES}::test_a_backup_code_that_the_desk_handed_out_is_sent_as_a_correction",
            f"{SPARES}::test_feature_2_one_is_given_to_a_guest_while_the_lock_is_offline_is_spent_and_is_replaced",
            f"{GIVING}::test_feature_2_it_is_shown_once_on_record_and_opens_the_door",
            f"{GIVEN}::test_feature_2_an_owner_hands_a_permanent_backup_code_to_a_guest_with_a_message",
        ],
        "Back up codes that are already programmed on the door lock. These can be given out to a guest if there are "
        "issues with their Guest Access Code": [
            f"{BACKUPS}::test_a_backup_opens_while_the_guests_code_does_not_and_ends_with_the_stay",
        ],
        "A Guest Access Code isn't available at the time of reservation due to the lock being unable to connect": [
            f"{SIGNALS}::test_late_in_setting",
            f"{BACKUPS}::test_a_backup_opens_while_the_guests_code_does_not_and_ends_with_the_stay",
        ],
        "we automatically make sure all backup access codes are healthy": [
            f"{BACKUPS}::test_each_lock_gets_its_pool_at_once_and_only_confirmed_codes_count",
            f"{BACKUPS}::test_a_backup_that_the_lock_refuses_is_replaced",
            f"{POOL}::test_a_code_that_somebody_else_had_in_hand_is_replaced",
            f"{POOL}::test_a_code_that_a_reachable_lock_does_not_take_for_long_is_replaced",
        ],
        "ready for immediate usage": [
            f"{BACKUPS}::test_a_backup_opens_while_the_guests_code_does_not_and_ends_with_the_stay",
        ],
        "replaced after every use": [f"{BACKUPS}::test_the_pool_is_filled_up_again"],
        "and automatically removed when a reservation ends": [
            f"{BACKUPS}::test_check_out_takes_the_backup_with_it_and_an_extension_extends_it",
        ],
        "Seam's official backup access code pool can be enabled by adding use_backup_access_code_pool: true to any "
        "/access_codes/create API request": [
            f"{POOL}::test_a_grant_may_switch_the_pool_of_its_locks_on",
        ],
        "create a pool of 5 backup codes. Create the backup codes as ongoing codes so that they are programmed to the "
        "device immediately": [
            f"{WORKFLOW}::test_step_1_every_lock_has_five_ongoing_backup_codes_that_are_programmed_at_once",
        ],
        "Do not keep access codes with errors inside your backup access code pool": [
            f"{WORKFLOW}::test_step_2_no_code_with_errors_is_kept_in_the_pool",
            f"{BACKUPS}::test_a_backup_that_the_lock_refuses_is_replaced",
            f"{BACKUPS}::test_a_backup_deleted_behind_our_back_is_not_handed_out",
        ],
        "Do not share the backup codes with the Device Owner or the guest (until there is an entry issue)": [
            f"{WORKFLOW}::test_step_3_no_owner_and_no_administrator_is_shown_one_before_there_is_trouble",
            "locks/test_views_locks.py::test_a_locks_page_names_its_codes_and_no_digits",
            "locks/test_owner_pages.py::test_no_page_of_the_owners_shows_a_digit",
        ],
        "When a guest is unable to open a lock, send them one of the backup codes from the backup access code pool": [
            f"{WORKFLOW}::test_step_4_a_guest_who_cannot_open_is_sent_one_and_it_opens_while_the_lock_is_offline",
        ],
        "Set ends_at on the backup access code you sent to the guest to the time when the reservation ends": [
            f"{WORKFLOW}::test_step_5_the_code_that_was_sent_ends_when_the_reservation_does",
            f"{BACKUPS}::test_check_out_takes_the_backup_with_it_and_an_extension_extends_it",
        ],
        "At the end of the reservation the backup code will be unprogrammed from the device": [
            f"{WORKFLOW}::test_step_6_at_the_end_of_the_reservation_it_is_seen_to_be_off_the_device",
            f"{BACKUPS}::test_a_backup_opens_while_the_guests_code_does_not_and_ends_with_the_stay",
        ],
        "Replace the backup code that was used by creating a new backup code for the pool": [
            f"{WORKFLOW}::test_step_7_the_code_that_was_used_is_replaced_by_a_new_one",
            f"{BACKUPS}::test_the_pool_is_filled_up_again",
        ],
        "Having a pool of 5 access codes can allow you to continue issuing backup codes if the Device Owner is having "
        "trouble repairing the network for the lock": [
            f"{WORKFLOW}::test_a_pool_of_five_helps_five_guests_in_a_row_while_the_lock_is_offline",
        ],
        "A dashboard where they can easily generate a new backup code": [
            f"{SPARES}::test_feature_1_an_owner_generates_permanent_codes_as_many_as_wanted",
            "locks/test_owner_pages.py::test_codes_are_made_in_one_click_as_many_as_wanted",
            "locks/test_owner_browser.py::test_an_owner_makes_a_code_in_one_click_and_gives_it_to_a_guest",
        ],
        "Re-using codes and leaving codes active on a device can cause guests to re-enter a building after their "
        "reservation has ended, or cause them to enter early": [
            f"{STAYS}::test_the_clerk_is_warned_of_an_occupied_room_and_of_an_old_code_on_its_door",
            "locks/test_pins.py::test_digits_of_a_code_that_is_not_confirmed_off_the_lock_stay_taken",
            f"{PLACING}::test_backup_codes_of_the_lost_lock_are_never_used_again_not_even_two_resets_later",
            f"{POOL}::test_digits_of_a_guest_who_left_are_not_drawn_for_ninety_days",
            f"{SPARES}::test_one_that_was_given_away_is_off_the_lock_at_the_stays_end",
            "locks/test_owner_pages.py::test_who_could_still_get_in_is_said_before_a_code_is_kept",
            "locks/test_owner_pages.py::test_a_code_that_is_left_active_past_its_guest_is_listed_in_red",
        ],
        "Seam will attempt to set any codes it has detected are removed": [
            f"{DRIFT}::test_a_code_that_is_taken_off_is_set_again_and_constantly_is_a_persons_task",
        ],
        "If a code still fails to set or is constantly being removed, Seam will alert you with a warning "
        "delay_in_setting_code_on_device then an error failed_to_set_on_device": [
            f"{DRIFT}::test_a_code_that_is_taken_off_is_set_again_and_constantly_is_a_persons_task",
            f"{SIGNALS}::test_late_in_setting",
        ],
        "the old device will appear offline and a new device will appear": [
            f"{PLACING}::test_nothing_is_mapped_before_a_person_says_where_the_new_device_is",
        ],
        "You should always prompt a Device Owner to clarify the location of a device when a new device appears, and "
        "allow them to replace an existing device": [
            f"{PLACING}::test_guests_keep_their_pin_whether_they_are_in_house_or_still_to_come",
            f"{PLACING}::test_codes_on_the_lost_lock_are_unknown_and_not_set",
        ],
        "How many codes can I set on a device?": [
            f"{WRITES}::test_the_nearest_arrival_gets_the_place_and_a_preloaded_one_gives_way",
            f"{WRITES}::test_places_are_kept_for_the_backup_pool",
        ],
        "Where supported, Seam will attempt to pre-program codes to locks to provide more reliablity that a code is "
        "available even where a lock is disconnected": [
            f"{KINDS}::test_preloaded_codes_open_while_the_lock_is_cut_off",
        ],
    },
    "Managing Access Codes": {
        "Ongoing codes remain active on a device until they are removed": [
            f"{KINDS}::test_an_ongoing_code_is_set_at_once_and_stays_until_it_is_removed",
        ],
        "They can start right away or at a later date if you provide a starts_at timestamp": [
            f"{KINDS}::test_an_ongoing_code_may_start_later",
        ],
        "These codes operate between designated starts_at and ends_at timestamps, granting access only during this "
        "period": [f"{KINDS}::test_a_time_bound_code_goes_from_unset_over_set_to_off_the_lock"],
        "the locks do not require an active internet connection—and you do not need to be near the locks—to create "
        "an offline access code": [f"{OFFLINE}::test_an_issued_code_opens_the_door_though_nobody_answers"],
        "You cannot modify a created offline access code": [
            f"{OFFLINE}::test_after_an_extension_it_does_not_cover_the_stay_and_another_is_made_beside_it",
        ],
        "you cannot revoke a created offline access code before the configured expiration date for the code": [
            f"{OFFLINE}::test_a_revoked_one_keeps_opening_and_is_said_to_until_its_end",
        ],
        "To invalidate an offline access code before the expiration date, you must either perform a factory reset": [
            f"{OFFLINE}::test_after_a_reset_what_was_given_out_counts_as_over_and_another_opens",
        ],
        "such as the maximum number of access codes, any time slot or activation requirements": [
            f"{OFFLINE}::test_when_all_codes_of_one_window_were_given_out_another_kind_is_advised",
            f"{OFFLINE}::test_a_longer_code_must_be_used_within_a_day_and_may_be_spent_after_it",
            "locks/test_windows.py::test_the_slot_that_holds_the_stay_with_least_to_spare_is_taken",
        ],
        "you can create time-bound offline access codes with validity durations at either the hour level or the day "
        "level": [f"{OFFLINE}::test_the_kinds_that_fit_are_offered"],
        "some device manufacturers enforce a maximum duration for hourly-bound offline access codes": [
            f"{OFFLINE}::test_where_none_fits_it_is_said_what_does",
        ],
        "To create a daily-bound offline access code, you must specify the same time in the starts_at and ends_at "
        "properties": ["locks/test_windows.py::test_a_daily_code_has_the_same_time_on_the_wall_at_both_ends"],
        "one-time-use offline access codes that are valid for 24 hours from the starts_at date and time that you "
        "configure. These codes expire after a single use": [
            f"{OFFLINE}::test_a_one_time_code_may_be_spent_as_soon_as_it_opens",
            "locks/test_simulator_offline.py::test_a_one_time_code_opens_once",
        ],
        "Seam will preload access codes onto the device a full 72 hours before the starts_at timestamp": [
            f"{RECONCILE}::test_a_schedule_keeper_is_loaded_72_hours_ahead_and_the_code_stays_unset",
            f"{RECONCILE}::test_more_than_72_hours_ahead_nothing_is_on_the_lock",
        ],
        "When the starts_at time arrives, the code automatically activates and will remain active until its ends_at "
        "time": [f"{KINDS}::test_a_time_bound_code_goes_from_unset_over_set_to_off_the_lock"],
        "You can choose to override this default behavior and have Seam perform just-in-time scheduling by setting "
        "prefer_native_scheduling to false": [
            f"{KINDS}::test_just_in_time_can_be_preferred_on_a_lock_that_keeps_schedules",
        ],
        "Seam will use its own scheduling infrastructure to program the code 30 minutes before the starts_at time, and "
        "remove it at the ends_at time": [
            f"{RECONCILE}::test_just_in_time_is_programmed_half_an_hour_before_and_removed_at_the_end",
        ],
        "When a user unlocks a door using an access code, Seam issues a lock.unlocked event": [
            "locks/test_webhooks.py::test_an_unlock_is_linked_to_the_code_that_the_lock_names_and_wakes_the_lock",
        ],
        "Some device manufacturers include the ID of the access code in lock-related events": [
            "locks/test_webhooks.py::test_a_code_that_is_not_ours_is_unknown_and_not_guessed",
        ],
        "this service automatically maintain a pool of pre-programmed access codes on a device. These codes are "
        "programmed in addition to the regular access codes": [
            f"{BACKUPS}::test_each_lock_gets_its_pool_at_once_and_only_confirmed_codes_count",
            f"{WRITES}::test_places_are_kept_for_the_backup_pool",
        ],
    },
    "Creating Access Codes": {
        "Create one by leaving the end_at field empty": [
            f"{KINDS}::test_an_ongoing_code_is_set_at_once_and_stays_until_it_is_removed",
        ],
        "To confirm that Seam supports access code programming for your device": [
            "locks/test_provider_table.py::test_the_readme_has_exactly_the_table_that_the_code_gives",
            f"{WRITES}::test_a_pin_that_the_lock_cannot_take_is_never_tried",
        ],
        "To customize the PIN code, specify a desired PIN. Refer to the guide on access code requirements": [
            "locks/test_pins.py::test_drawn_pins_keep_the_rules_of_every_lock",
        ],
        "it's essential to verify that a code has been successfully programmed on to the lock": [
            f"{WRITES}::test_a_lock_that_says_done_and_did_nothing_is_found_out",
            f"{RECONCILE}::test_nothing_is_said_to_be_set_before_it_was_seen",
        ],
        "The access_code.set_on_device event indicates the successful setting of the access code on the device": [
            f"{KINDS}::test_an_ongoing_code_is_set_at_once_and_stays_until_it_is_removed",
        ],
        "The access_code.failed_to_set_on_device or access_code.delay_in_setting_on_device events indicate a delay or "
        "failure": [f"{SIGNALS}::test_late_in_setting"],
        "Seam automatically ensures that the code is programmed on the device at the starts_at time and unprogrammed "
        "at the ends_at time": [
            f"{KINDS}::test_a_time_bound_code_goes_from_unset_over_set_to_off_the_lock",
        ],
        "Unset: When initially created on Seam, the access code remains in an unset state": [
            f"{KINDS}::test_a_time_bound_code_goes_from_unset_over_set_to_off_the_lock",
        ],
        "Setting: As the scheduled starts_at time approaches, Seam initiates the process of programming the code onto "
        "the lock": ["locks/test_plan.py::test_arrow"],
        "Set: Upon successful programming, the status updates to set": [
            f"{RECONCILE}::test_nothing_is_said_to_be_set_before_it_was_seen",
        ],
        "Even if preloaded in memory, the access code will remain in an unset state ahead of the starts_at time": [
            f"{RECONCILE}::test_a_schedule_keeper_is_loaded_72_hours_ahead_and_the_code_stays_unset",
        ],
        "If there's an issue programming the natively-scheduled code by its starts_at time, the code's status will "
        "display as setting": [
            f"{KINDS}::test_a_schedule_that_could_not_be_loaded_by_its_start_shows_setting",
        ],
    },
    "The access_code Object": {
        "Unique identifier for a group of access codes that share the same code": [
            f"{KINDS}::test_one_door_offline_holds_no_other_back",
            f"{WRITES}::test_once_the_guest_was_told_only_that_door_gets_its_own_pin",
        ],
        "Represents a smart lock access code (every property of the object)": [
            "locks/test_access_code.py::test_it_has_every_property_of_the_seeds_object",
        ],
        "Indicates whether a backup access code is available for use": [
            "locks/test_access_code.py::test_what_it_says_of_itself",
        ],
        "Indicates whether changes to the access code from external sources are permitted": [
            f"{DRIFT}::test_where_the_owner_may_edit_it_the_locks_state_stands_with_a_warning",
        ],
        "Indicates whether Seam manages the access code": [
            f"{DRIFT}::test_a_found_code_is_listed_and_never_touched_until_it_is_adopted",
        ],
        "Indicates whether the code is set on the device according to a preconfigured schedule": [
            f"{KINDS}::test_a_time_bound_code_goes_from_unset_over_set_to_off_the_lock",
        ],
        "Indicates whether the access code is waiting for a code assignment": [
            f"{OFFLINE}::test_a_grant_for_such_a_door_alone_has_no_digits_before_a_code_is_issued",
        ],
        "Seam may add additional characters or truncate the name to meet provider constraints": [
            f"{WRITES}::test_names_are_fitted_to_the_locks_rules_and_kept_as_it_shows_them",
        ],
        "Seam provides the name exactly as it appears on the lock provider's app or on the device as a separate "
        "property called appearance": [
            f"{WRITES}::test_a_name_that_the_lock_cuts_is_written_once_and_shown_as_it_appears",
        ],
        "Indicates changes that Seam is in the process of pushing to the device": [
            f"{SIGNALS}::test_pending_mutations_tell_what_is_on_its_way",
        ],
        "Used to associate the pulled backup access code with the original access code": [
            f"{BACKUPS}::test_asked_again_it_is_the_same_one_and_another_guest_gets_another",
        ],
        "removing, which indicates a transitional period in which the code is being deleted": [
            f"{RECONCILE}::test_a_revoked_code_is_removing_until_the_lock_confirms",
        ],
        "unknown, which indicates an indeterminate state": [
            f"{SIGNALS}::test_a_lost_account_makes_codes_unknown_and_is_said_once_for_all",
            f"{PLACING}::test_codes_on_the_lost_lock_are_unknown_and_not_set",
        ],
        "Errors associated with the access code": [
            f"{SIGNALS}::test_trouble_with_the_lock_stands_on_it_and_on_its_codes_and_clears",
        ],
        "Warnings associated with the access code": [f"{SIGNALS}::test_late_in_removing"],
    },
    "Streamlining Access Code Management from the Manufacturer App": {
        "use a simple & recognizable name to help device owners identify code(s) you've created": [
            f"{STAYS}::test_another_name_goes_to_every_code_of_the_booking",
            "locks/test_names.py::test_a_name_is_fitted_to_the_lock",
        ],
        "some lock providers may restrict name length, uniqueness, or the use of certain characters": [
            f"{WRITES}::test_names_are_fitted_to_the_locks_rules_and_kept_as_it_shows_them",
        ],
        "Some lock providers may even break down access code names into components such as first name and last name": [
            f"{WRITES}::test_names_are_fitted_to_the_locks_rules_and_kept_as_it_shows_them",
        ],
        "The default behavior of the Seam API is to immediately override those changes made by the device owner": [
            f"{DRIFT}::test_an_edited_code_is_put_back_and_the_error_says_what_was_changed",
        ],
        "When external modifications are detected, Seam will send an access_code.modified_external_to_seam event": [
            f"{DRIFT}::test_an_edited_code_is_put_back_and_the_error_says_what_was_changed",
        ],
        "Seam will also add a code_modified_external_to_seam error on the access code": [
            f"{DRIFT}::test_an_edited_code_is_put_back_and_the_error_says_what_was_changed",
            f"{DRIFT}::test_the_error_of_an_edit_clears_by_itself",
        ],
        "This prevents Seam from overwriting any changes made by the device owner to the access code": [
            f"{DRIFT}::test_where_the_owner_may_edit_it_the_locks_state_stands_with_a_warning",
            f"{DRIFT}::test_an_owner_who_may_can_also_delete_it_and_it_stays_away",
        ],
        "Seam also sets code_modified_external_to_seam as a warning on the code, instead of an error": [
            f"{DRIFT}::test_where_the_owner_may_edit_it_the_locks_state_stands_with_a_warning",
        ],
        "the allow_external_modification flag can also be passed when updating an access code or when converting an "
        "access code from unmanaged to managed": [
            f"{UNMANAGED}::test_with_external_modification_allowed_its_owner_may_still_change_it",
        ],
    },
}
