"""The addresses of setting a house up and of its settings, below the house's own."""

from django.urls import path

from reservations.setup import guide, hanging, new_locks, room_settings, settings_pages

of_setup = [
    path("set-up/", guide.page, name="set_up"),
    path("set-up/next/", guide.following, name="set_up_next"),
    path("set-up/done/", guide.put_away, name="put_set_up_away"),
    path("settings/", settings_pages.page, name="settings"),
    path("settings/rooms/<uuid:room_id>/", room_settings.page, name="room_settings"),
    path("settings/<slug:section>/", settings_pages.save, name="save_settings"),
    path("locks/<uuid:lock_id>/hangs/", hanging.hanging, name="hanging"),
    path("new-locks/confirm/", new_locks.confirm, name="place_locks"),
]
