from django.urls import include, path

from reservations import (
    booking_views,
    companion_views,
    desk,
    giving,
    new_locks,
    new_pin_views,
    rescue_views,
    reveals,
    views,
    waiting_views,
    walk_in,
)
from reservations.messages import desk as messages
from reservations.notes import views as notes
from reservations.setup_urls import of_setup

urlpatterns = [
    *of_setup,
    path("", views.board, name="board"),
    path("import/", include("reservations.imports.urls")),
    path("rooms/", include("reservations.housekeeping.urls")),
    path("messages/", include("reservations.messages.urls")),
    path("feeds/", include("reservations.feeds.urls")),
    path("book/", views.book, name="book"),
    path("walk-in/", walk_in.walk_in, name="walk_in"),
    path("cannot-get-in/", rescue_views.find, name="cannot_get_in"),
    path("stays/<uuid:stay_id>/cannot-get-in/", rescue_views.panel, name="rescue"),
    path("stays/<uuid:stay_id>/doors/<uuid:lock_id>/unlock/", rescue_views.unlock, name="unlock"),
    path("stays/<uuid:stay_id>/helped/", rescue_views.helped, name="helped"),
    path("new-locks/", new_locks.page, name="new_locks"),
    path("new-locks/<uuid:device_id>/", new_locks.answer, name="place_lock"),
    path("give/<uuid:lock_id>/<uuid:code_id>/", giving.give, name="give_backup"),
    path("handover/", include("reservations.handover.urls")),
    path("notes/", notes.of_house, name="notes"),
    path("notes/<uuid:note_id>/done/", notes.done_in_house, name="note_done"),
    path("stays/<uuid:stay_id>/notes/", notes.of_stay, name="stay_notes"),
    path("stays/<uuid:stay_id>/notes/<uuid:note_id>/done/", notes.done_at_stay, name="stay_note_done"),
    path("stays/<uuid:stay_id>/", views.stay, name="stay"),
    path("stays/<uuid:stay_id>/row/", views.row, name="stay_row"),
    path("stays/<uuid:stay_id>/check-in/", desk.check_in, name="check_in"),
    path("stays/<uuid:stay_id>/wait/", waiting_views.wait, name="wait"),
    path("stays/<uuid:stay_id>/stop-waiting/", waiting_views.stop, name="stop_waiting"),
    path("stays/<uuid:stay_id>/check-out/", desk.check_out, name="check_out"),
    path("stays/<uuid:stay_id>/change/", desk.change, name="change_stay"),
    path("stays/<uuid:stay_id>/check-in-all/", booking_views.check_in_all, name="check_in_all"),
    path("stays/<uuid:stay_id>/check-out-all/", booking_views.check_out_all, name="check_out_all"),
    path("stays/<uuid:stay_id>/split/", booking_views.split, name="split_stay"),
    path("stays/<uuid:stay_id>/companions/", companion_views.add, name="add_companion"),
    path(
        "stays/<uuid:stay_id>/companions/<uuid:companion_id>/",
        include(
            [
                path("code/", companion_views.give_code, name="companion_code"),
                path("off/", companion_views.take_off, name="companion_off"),
                path("pin/", companion_views.pin, name="companion_pin"),
            ]
        ),
    ),
    path("stays/<uuid:stay_id>/change/preview/", desk.preview_change, name="preview_change"),
    path("stays/<uuid:stay_id>/cancel/", desk.cancel, name="cancel_stay"),
    path("stays/<uuid:stay_id>/no-show/", desk.no_show, name="no_show"),
    path("stays/<uuid:stay_id>/reach/", messages.reach, name="reach"),
    path("stays/<uuid:stay_id>/messages/<uuid:message_id>/again/", messages.send_again, name="message_again"),
    path("stays/<uuid:stay_id>/pin/", reveals.pin, name="pin"),
    path("stays/<uuid:stay_id>/new-pin/", new_pin_views.renew, name="new_pin"),
    path("stays/<uuid:stay_id>/doors/<uuid:lock_id>/backup/", reveals.backup, name="backup"),
    path("stays/<uuid:stay_id>/doors/<uuid:lock_id>/backup/show/", reveals.show_backup, name="show_backup"),
    path("stays/<uuid:stay_id>/doors/<uuid:lock_id>/pin/", reveals.door_pin, name="door_pin"),
    path("stays/<uuid:stay_id>/doors/<uuid:lock_id>/offline/", reveals.offline_code, name="offline_code"),
]
