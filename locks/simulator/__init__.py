"""The virtual lock maker: a process of its own, with its own store, its own clock and an HTTP interface.

    python -m locks.simulator --port 8900 --store var/simulator.sqlite3      (token in LATCHKEY_SIMULATOR_TOKEN)

It prints `simulator ready on http://127.0.0.1:PORT` when it listens (`--port 0`: a free port), ends on
SIGTERM, and keeps everything it has answered over restarts and kill -9. Times are ISO 8601 in UTC; all
bodies are JSON. It knows nothing of the hotel: only locks, codes, and whether a PIN opens a door.

Models: `native` keeps time windows itself and opens only inside them; `just_in_time` knows no windows:
a code opens from the moment it is on the lock. An expired code keeps its slot until it is deleted.


THE MAKER'S API: `Authorization: Bearer TOKEN`

    GET    /api/locks                      {"locks": [LOCK...], "next_page": "..." or null}; ?page=NEXT_PAGE
    GET    /api/locks/ID                   LOCK
    GET    /api/locks/ID/codes             {"codes": [CODE...], "next_page": ...}; ?page=NEXT_PAGE
    POST   /api/locks/ID/codes             NEW_CODE -> 201 CODE. Not idempotent: no key, as with real makers
    PUT    /api/locks/ID/codes/CODE_ID     NEW_CODE -> CODE, replaced as a whole
    DELETE /api/locks/ID/codes/CODE_ID     {"id": ...}
    PUT    /api/webhook                    {"url": ..., "secret": "whsec_..."} -> {"url": ...}; url null: no webhooks

    LOCK      {"id", "name", "model", "online", "battery", "native_scheduling", "pin_lengths", "slots", "name_length"}
              battery 0.0-1.0; slots null: no limit
    CODE      {"id", "name", "pin", "starts_at", "ends_at"}; both times null: ongoing
    NEW_CODE  the same without the id

Errors are `{"error": {"code", "message"}}` (the message may repeat the PIN, as real makers' messages do):

    400 bad_request        401 unauthorized          404 lock_not_found       404 code_not_found
    409 duplicate_code     409 no_space              422 invalid_pin          422 invalid_window
    422 invalid_name       422 invalid_webhook       429 busy (Retry-After)   500 internal_error
    503 device_offline (reads and writes of codes; the lock itself is still described, `"online": false`)


THE DOOR, and everything a test or a trainer turns. No token; meant for loopback. POST, PUT and DELETE need
`Content-Type: application/json`, and requests for a foreign Host are refused, so that no web page elsewhere
can drive it.

    GET    /locks                          {"locks": [DOOR...], "total": n}; ?q=TEXT in id or name, ?limit=N
    POST   /locks                          {"name", "model", "id"?, "pin_lengths"?, "slots"?, "battery"?} -> 201 DOOR;
                                           or a list of them, all or none -> 201 {"locks": [DOOR...]}; 409 lock_exists
    GET    /locks/ID                       DOOR with "codes": the lock's truth, answered at any time
    POST   /locks/ID/keypad                {"pin": "..."} -> {"opened": bool, "reason", "code_id"}
    POST   /locks/ID/knobs                 any of KNOBS -> DOOR
    POST   /locks/ID/app/codes             NEW_CODE -> 201 CODE       the owner's app: edits behind our back,
    PUT    /locks/ID/app/codes/CODE_ID     any part of NEW_CODE -> CODE       possible while the lock is offline
    DELETE /locks/ID/app/codes/CODE_ID     {"id": ...}
    POST   /locks/ID/factory_reset         {"new_identity": true} -> DOOR of the lock as it is from now on.
                                           All codes are gone; with a new identity the old id stays listed and
                                           is offline for ever
    GET    /knobs                          ACCOUNT
    POST   /knobs                          {"down": bool, "auth": bool} -> ACCOUNT. down: the API answers 502
                                           in HTML; auth false: the token is refused
    GET    /log                            {"entries": [ENTRY...], "last": seq, "more": bool};
                                           ?since=SEQ (exclusive) ?lock=ID ?limit=N (1000); ?tail=N: the newest N
    /  /locks/ID/  /locks/ID/app/          pages: all locks, a lock's keypad, the owner's app

    DOOR    LOCK with "knobs", "clock" (the lock's own time), "locked_until", "code_count", "replaced_by"
    reason  opened, unknown_code, not_yet_valid, expired, locked_out, battery_dead, replaced
            (five refused entries in a row lock the keypad for 60 s of the lock's clock)
    ENTRY   {"seq", "at", "lock", "kind", "details"}; append-only, also over a factory reset. PINs are in it:
            it is the door's truth. kinds: lock.created lock.reset code.created code.updated code.deleted
            request.refused answer.lost answer.held answer.released answer.garbage keypad knobs account.knobs
            webhook.registered webhook.delivered webhook.failed

KNOBS (they act on the codes' part of the maker's API; the keypad always works)

    offline               the hub answers, the lock does not
    slow_seconds          wait this long before doing anything; a client that gave up is still served
    fail_next_writes      n: the next n writes are answered 500 and not done
    busy_next_answers     n: the next n requests are answered 429 with Retry-After: 2 and not done
    lose_next_answers     n: the next n writes are done, then the connection is dropped without an answer
    hold_next_answers     n: the next n writes are done, then not answered before `{"release": true}` or until
                          the client is gone
    garbage_next_answers  n: the next n requests are done, then answered 200 with HTML
    reject_next_pins      n: the next n new PINs are refused (invalid_pin)
    reject_pins           [...]: these PINs are refused
    clock_offset_seconds  the lock's clock = real clock + this
    lockout               false: wrong entries never lock the keypad
    removed               the lock is not in the account any more: not listed, 404
    slots, battery        of the lock; fewer slots than codes: nothing new fits


WEBHOOKS (Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature: v1,BASE64`), three tries, never
blocking the door. An offline lock reports nothing about its door. Body:

    {"id", "type", "occurred_at", "lock_id", "data": {...}}

    lock.unlocked {"code_id"}   lock.access_denied {"reason", "code_id"}   device.connected   device.disconnected
    device.battery_changed {"battery"}   code.created, code.changed, code.deleted {"code_id"} (by the owner's app)
"""
