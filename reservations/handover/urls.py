from django.urls import path

from reservations.handover import views

urlpatterns = [
    path("", views.current, name="handover"),
    path("<uuid:handover_id>/", views.signed, name="signed_handover"),
]
