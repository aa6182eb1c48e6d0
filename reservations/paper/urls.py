from django.urls import path

from reservations.paper import envelope_views, views

urlpatterns = [
    path("", views.listed, name="print"),
    path("envelopes/", envelope_views.every, name="envelopes"),
    path("envelopes/draw/", envelope_views.draw, name="draw_envelopes"),
    path("envelopes/again/", envelope_views.again, name="envelopes_again"),
    path("envelopes/<uuid:code_id>/", envelope_views.one, name="envelope"),
    path("<str:which>/", views.listed, name="print_list"),
]
