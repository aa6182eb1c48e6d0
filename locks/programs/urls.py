from django.urls import include, path

from locks.programs import views

urlpatterns = [
    path("", views.programs, name="programs"),
    path("keys/make/", views.make_key, name="make_api_key"),
    path("keys/<uuid:key_id>/revoke/", views.revoke_key, name="revoke_api_key"),
    path("webhooks/", include("locks.subscriptions.urls")),
]
