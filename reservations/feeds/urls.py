from django.urls import path

from reservations.feeds import views

urlpatterns = [
    path("", views.feeds, name="feeds"),
    path("settings/", views.set_house, name="feed_settings"),
    path("events/<uuid:event_id>/cancel/", views.cancel, name="feed_cancel"),
    path("events/<uuid:event_id>/keep/", views.keep, name="feed_keep"),
    path("events/<uuid:event_id>/leave/", views.leave, name="feed_leave"),
    path("events/<uuid:event_id>/follow/", views.follow, name="feed_follow"),
    path("calendars/new/", views.add_calendar, name="add_calendar"),
    path("calendars/<uuid:feed_id>/read/", views.read_calendar, name="read_calendar"),
    path("calendars/<uuid:feed_id>/remove/", views.remove_calendar, name="remove_calendar"),
    path("hook/renew/", views.renew_secret, name="renew_hook_secret"),
    path("hook/drop/", views.drop_secret, name="drop_hook_secret"),
    path("tokens/new/", views.make_token, name="make_feed_token"),
    path("tokens/<uuid:token_id>/renew/", views.renew_token, name="renew_feed_token"),
    path("tokens/<uuid:token_id>/revoke/", views.revoke_token, name="revoke_feed_token"),
]
