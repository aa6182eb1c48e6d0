from django.urls import path

from reservations.housekeeping import views

urlpatterns = [
    path("", views.every, name="rooms"),
    path("<uuid:room_id>/", views.one, name="room"),
    path("<uuid:room_id>/mark/", views.mark, name="mark_room"),
    path("<uuid:room_id>/close/", views.close, name="close_room"),
    path("<uuid:room_id>/reopen/<uuid:closure_id>/", views.reopen, name="reopen_room"),
]
