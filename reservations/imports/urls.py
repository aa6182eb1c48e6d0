from django.urls import path

from reservations.imports import views

urlpatterns = [
    path("", views.start, name="import"),
    path("<uuid:upload_id>/", views.preview, name="import_preview"),
    path("<uuid:upload_id>/columns/", views.choose_columns, name="import_columns"),
    path("<uuid:upload_id>/units/", views.choose_units, name="import_units"),
    path("<uuid:upload_id>/apply/", views.apply, name="import_apply"),
    path("<uuid:upload_id>/discard/", views.discard, name="import_discard"),
]
