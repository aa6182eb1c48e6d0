from django.urls import path

from reservations.messages import views

urlpatterns = [
    path("", views.page, name="messages"),
    path("settings/", views.set_house, name="message_settings"),
    path("texts/new/", views.new_text, name="new_message_text"),
    path("texts/<uuid:text_id>/", views.text, name="message_text"),
    path("texts/<uuid:text_id>/preview/", views.preview, name="message_preview"),
    path("texts/<uuid:text_id>/delete/", views.delete_text, name="delete_message_text"),
    path("rules/new/", views.new_rule, name="new_message_rule"),
    path("rules/<uuid:rule_id>/delete/", views.delete_rule, name="delete_message_rule"),
]
