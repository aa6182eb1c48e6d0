from django.urls import path

from locks.subscriptions import views

urlpatterns = [
    path("make/", views.make, name="make_webhook"),
    path("<uuid:webhook_id>/", views.webhook, name="outgoing_webhook"),
    path("<uuid:webhook_id>/secret/", views.secret, name="webhook_secret"),
    path("<uuid:webhook_id>/change/", views.change, name="change_webhook"),
    path("<uuid:webhook_id>/remove/", views.remove, name="remove_webhook"),
    path("<uuid:webhook_id>/send-again/", views.send_all_again, name="send_all_again"),
    path("<uuid:webhook_id>/<uuid:delivery_id>/send-again/", views.send_again, name="send_again"),
]
