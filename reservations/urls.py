from django.urls import include, path

from reservations import desk, views

urlpatterns = [
    path("", views.board, name="board"),
    path("import/", include("reservations.imports.urls")),
    path("book/", views.book, name="book"),
    path("stays/<uuid:stay_id>/", views.stay, name="stay"),
    path("stays/<uuid:stay_id>/row/", views.row, name="stay_row"),
    path("stays/<uuid:stay_id>/check-in/", desk.check_in, name="check_in"),
    path("stays/<uuid:stay_id>/check-out/", desk.check_out, name="check_out"),
    path("stays/<uuid:stay_id>/change/", desk.change, name="change_stay"),
    path("stays/<uuid:stay_id>/cancel/", desk.cancel, name="cancel_stay"),
    path("stays/<uuid:stay_id>/no-show/", desk.no_show, name="no_show"),
    path("stays/<uuid:stay_id>/pin/", desk.pin, name="pin"),
    path("stays/<uuid:stay_id>/doors/<uuid:lock_id>/backup/", desk.backup, name="backup"),
    path("stays/<uuid:stay_id>/doors/<uuid:lock_id>/backup/show/", desk.show_backup, name="show_backup"),
]
