from django.urls import path

from locks import owners, training_views, views
from locks.staff import views as staff

urlpatterns = [
    path("", views.lock_list, name="locks"),
    path("training/", training_views.every, name="training"),
    path("training/<uuid:lock_id>/", training_views.one, name="training_lock"),
    path("staff/", staff.codes, name="staff"),
    path("staff/make/", staff.make, name="make_staff_code"),
    path("staff/<uuid:staff_id>/pin/", staff.pin, name="staff_pin"),
    path("staff/<uuid:staff_id>/off/", staff.take_off, name="staff_off"),
    path("<uuid:lock_id>/", views.lock, name="lock"),
    path("<uuid:lock_id>/pool/", owners.pool, name="pool"),
    path("<uuid:lock_id>/backups/", owners.backup_codes, name="backups"),
    path("<uuid:lock_id>/backups/make/", owners.make, name="make_backups"),
    path("<uuid:lock_id>/backups/<uuid:code_id>/rotate/", owners.rotate, name="rotate_backup"),
    path("<uuid:lock_id>/backups/<uuid:code_id>/retire/", owners.retire, name="retire_backup"),
    path("<uuid:lock_id>/backups/<uuid:code_id>/keep/", owners.keep, name="keep_backup"),
    path("<uuid:lock_id>/backups/<uuid:code_id>/end/", owners.end_with_guest, name="end_backup"),
    path("<uuid:lock_id>/codes/<uuid:code_id>/", views.code, name="code"),
    path("<uuid:lock_id>/codes/<uuid:code_id>/adopt/", views.adopt, name="adopt"),
    path("<uuid:lock_id>/codes/<uuid:code_id>/remove/", views.remove, name="remove_code"),
]
