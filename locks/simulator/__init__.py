"""The virtual lock maker: a process of its own, with its own store, its own clock and an HTTP interface.

    python -m locks.simulator --port 8900 --store var/simulator.sqlite3      (token in LATCHKEY_SIMULATOR_TOKEN)

It prints `simulator ready on http://127.0.0.1:PORT` when it listens (`--port 0`: a free port), ends on
SIGTERM, and keeps everything it has answered over restarts and kill -9. Times are ISO 8601 in UTC; all
bodies are JSON. It knows nothing of the hotel: only locks, codes, and whether a PIN opens a door.

Models: `native` keeps time windows itself and opens only inside them; `just_in_time` knows no windows:
a code opens from the moment it is on the lock; `offline` is a virtual offline lock: it is never connected and
holds no codes, its PINs come from arithmetic (see below). An expired code keeps its slot until it is deleted.


THE MAKER'S API: `Authorization: Bearer TOKEN`

    GET    /api/locks                      {"locks": [LOCK...], "next_page": "..." or null}; ?page=NEXT_PAGE
    GET    /api/locks/ID                   LOCK
    GET    /api/locks/ID/codes             {"codes": [CODE...], "next_page": ...}; ?page=NEXT_PAGE
    POST   /api/locks/ID/codes             NEW_CODE -> 201 CODE. Not idempotent: no key, as with real makers
    PUT    /api/locks/ID/codes/CODE_ID     NEW_CODE -> CODE, replaced as a whole
    DELETE /api/locks/ID/codes/CODE_ID     {"id": ...}
    GET    /api/locks/ID/operations/OP     {"state": "pending" | "done" | "failed", "code": CODE or null, "error":
                                           {"code", "message"} or null}; answered also while the lock is offline
    POST   /api/locks/ID/unlock            {} -> {"opened": true}: the lock turns once
    GET    /api/locks/ID/offline_key       {"key": BASE64 of 32 bytes}
    PUT    /api/webhook                    {"url": ..., "secret": "whsec_..."} -> {"url": ...}; url null: no webhooks

    LOCK      {"id", "name", "model", "online", "battery", "native_scheduling", FEATURES}
              online null: never connected; battery 0.0-1.0
    CODE      {"id", "name", "first_name", "last_name", "pin", "starts_at", "ends_at", "active"}; both times null:
              ongoing; pin null where the lock does not show it; active false: switched off, opens nothing
    NEW_CODE  {"name", "pin", "starts_at"?, "ends_at"?, "active"? (true)}; on a lock with names in two parts
              "first_name" and "last_name" in place of "name", or "name" alone, divided at its first space

FEATURES say what the lock can do. All may be given for a new lock, and turned later like a knob:

    can_program_online_access_codes        false: its codes' part of the API is answered offline_only
    can_program_offline_access_codes       it does arithmetic, for "offline_kinds": [hourly, daily, one_time]
    window_grain           seconds: both times of a window are silently cut down to it (in the lock's wall clock where
                           it keeps local time, else in UTC); 1: they are kept as they come
    time_slots             [{"name", "check_in": "15:00", "check_out": "11:00"}...]: the only times that a window may
                           have, in the lock's zone; []: any
    keeps_local_time       without "time_zone" (IANA name or null) it takes no window
    pin_lengths            [4, 5, ...]
    code_constraints       names of rules for the digits, see `locks.constraints`
    slots                  how many codes fit; null: no limit
    names                  {"min_length", "max_length", "alphabet": "printable" | "ascii" | "alphanumeric" (and the
                           space), "unique", "two_parts"}; the rules are for both parts with a space between
    read_back              "value", or "presence": the API never shows a PIN
    confirms_later         writes are answered 202 {"operation": OP} and carried out later
    names_the_code         its door's events say which code was typed
    pushes_events          false: it reports nothing at all
    can_remotely_unlock    false: unlock is answered no_remote_unlock
    hub_online             null: there is no hub, or it is not told

Errors are `{"error": {"code", "message"}}` (the message may repeat the PIN, as real makers' messages do):

    400 bad_request        401 unauthorized          404 lock_not_found       404 code_not_found
    409 duplicate_code     409 no_space              422 invalid_pin          422 invalid_window
    422 invalid_name       422 invalid_webhook       429 busy (Retry-After)   500 internal_error
    404 operation_not_found                          422 unsupported (no arithmetic)
    422 no_remote_unlock
    503 device_offline, 503 hub_offline, 409 offline_only: reads and writes of codes; the lock is still described

A write that was accepted is refused in its operation's "error", with the same words.


CODES BY ARITHMETIC: the lock and the maker's account share a key; `locks.providers.arithmetic` says which digits
stand for which window. The lock opens for them inside the window, a one-time code once, and any other one only if
it was first used within 24 hours of its start. A factory reset makes a new key: all old PINs are dead. A lock that is
never connected reports nothing of its door.


THE DOOR, and everything a test or a trainer turns. No token; meant for loopback. POST, PUT and DELETE need
`Content-Type: application/json`, and requests for a foreign Host are refused, so that no web page elsewhere
can drive it.

    GET    /locks                          {"locks": [DOOR...], "total": n}; ?q=TEXT in id or name, ?limit=N
    POST   /locks                          {"name", "model", "id"?, "battery"?, FEATURES?} -> 201 DOOR;
                                           or a list of them, all or none -> 201 {"locks": [DOOR...]}; 409 lock_exists
    GET    /locks/ID                       DOOR with "codes": the lock's truth, answered at any time
    POST   /locks/ID/keypad                {"pin": "..."} -> {"opened": bool, "reason", "code_id"}
    POST   /locks/ID/knobs                 any of KNOBS, FEATURES and "battery" -> DOOR
    POST   /locks/ID/app/codes             NEW_CODE -> 201 CODE       the owner's app: edits behind our back,
    PUT    /locks/ID/app/codes/CODE_ID     any part of NEW_CODE -> CODE       possible while the lock is offline
    DELETE /locks/ID/app/codes/CODE_ID     {"id": ...}
    POST   /locks/ID/factory_reset         {"new_identity": true} -> DOOR of the lock as it is from now on.
                                           All codes are gone; with a new identity the old id stays listed and
                                           is offline for ever
    GET    /knobs                          ACCOUNT
    POST   /knobs                          any of the account's knobs -> ACCOUNT
    GET    /calls                          CALLS: what the API was asked since this process started
    GET    /log                            {"entries": [ENTRY...], "last": seq, "more": bool};
                                           ?since=SEQ (exclusive) ?lock=ID ?limit=N (1000); ?tail=N: the newest N
    /  /locks/ID/  /locks/ID/app/          pages: all locks, a lock's keypad, the owner's app

    DOOR    LOCK with "knobs", "clock" (the lock's own time), "locked_until", "code_count", "replaced_by"
    ACCOUNT the account's knobs and "webhook_url"
    CALLS   {"calls": n answered, "seconds": of these together, "under_way": n, "most_at_once", "most_at_once_on_one_lock",
            "first_at", "last_at": begin and end, "kinds": {"GET /locks/ID/codes": n, ...}}; a call is under way from
            its request until its answer is sent
    reason  opened, unknown_code, inactive, not_yet_valid, expired, locked_out, battery_dead, replaced
            (five refused entries in a row lock the keypad for 60 s of the lock's clock); of PINs by arithmetic also
            not_activated, used. Those are told apart for windows that start up to a day ahead or two days back;
            any further away is unknown_code, for a lock has only the digits to go by
    ENTRY   {"seq", "at", "lock", "kind", "details"}; append-only, also over a factory reset. "at" is the real time;
            a keypad's details hold the lock's own, "clock". PINs are in it: it is the door's truth. kinds:
            lock.created lock.reset code.created code.updated code.deleted keypad knobs account.knobs
            door.unlocked (by the API)
            request.refused request.overlap (asked for its codes while an earlier such request was under way)
            answer.lost answer.held answer.released answer.garbage listing.false write.forgotten
            webhook.registered webhook.delivered webhook.failed webhook.lost

KNOBS of a lock (they act on the codes' part of the maker's API; the keypad always works). n counts down.

    offline               the hub answers, the lock does not
    hub_offline           the hub in front of the lock does not answer: "hub_online" is false
    slow_seconds          wait this long before doing anything; a client that gave up is still served
    fail_next_writes      n: the next n writes are answered 500 and not done
    busy_next_answers     n: the next n requests are answered 429 with Retry-After: 2 and not done
    lose_next_answers     n: the next n writes are done, then the connection is dropped without an answer
    hold_next_answers     n: the next n writes are done, then not answered before `{"release": true}` or until
                          the client is gone
    garbage_next_answers  n: the next n requests are done, then answered 200 with HTML
    forget_next_writes    n: the next n writes are answered as done and not done
    empty_next_listings, partial_next_listings, contradict_next_listings
                          n: the next n listings (over all pages) hold no code; every second code is missing; the
                          first code comes twice, the second time with other digits and another name
    hide_pin_lengths      the maker does not tell which lengths the lock takes: "pin_lengths" is []
    reject_next_pins      n: the next n new PINs are refused (invalid_pin)
    reject_pins           [...]: these PINs are refused
    refuse_deletes        deletes are answered 500 and not done
    provider_error        a word or null: requests are answered 500 with this as their error's code
    truncate_names        n or null: only the first n characters of a name are kept, and nobody is told
    operation_seconds     how much later an accepted write is carried out (0.05)
    hold_operations       accepted writes stay pending until this is false again
    fail_next_operations  n: the next n accepted writes end failed, device_offline, and are not done
    forget_operations     accepted writes are done, but their operations are unknown (404)
    clock_offset_seconds  the lock's clock = the maker's clock + this
    lockout               false: wrong entries never lock the keypad
    removed               the lock is not in the account any more: not listed, 404

KNOBS of the account

    down                  the API answers 502 in HTML
    auth                  false: the token is refused
    rate                  n or null: a token bucket of n requests a second; over it, 429 with Retry-After
    latency_seconds       [low, high] or null: every request to the API takes this much longer, evenly spread
    clock_offset_seconds  the maker's clock = real clock + this: all locks travel in time, and what happens at their
                          doors is reported with the time travelled to
    webhooks              deliver; lose; double: each event comes twice; shuffle: events are held until the next one
                          has overtaken them (ended by any other value)


WEBHOOKS (Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature: v1,BASE64`), three tries, never
blocking the door. They are signed with the real time. A lock that cannot be reached reports nothing about its door.

    {"id", "type", "occurred_at", "lock_id", "data": {...}}

    lock.unlocked {"code_id"}   lock.access_denied {"reason", "code_id"}   device.connected   device.disconnected
    device.battery_changed {"battery"}   code.created, code.changed, code.deleted {"code_id"} (by the owner's app)
    code_id is null where the lock does not name the code
"""
