"""Every address of the house. The composition root: it may import everything."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from hospitality import keyboard, views
from hospitality.health import healthz
from hospitality.setup import pages, room_pages, staff_pages
from locks import owners, webhooks
from locks.api import urls as api
from reservations import guest_page
from reservations.feeds import arrivals, hook

urlpatterns = [
    path("", views.home, name="home"),
    path("owner/", owners.dashboard, name="dashboard"),
    path("owner/live/", views.no_stream, name="dashboard_live"),
    path("keys/", keyboard.page, name="keys"),
    path("language/", set_language, name="set_language"),
    path("sign-in/", pages.SignIn.as_view(), name="login"),
    path("sign-out/", auth.LogoutView.as_view(), name="logout"),
    path("p/<slug:slug>/live/", views.no_stream, name="live"),
    path("first/<str:token>/", pages.first, name="first_manager"),
    path("invitation/<str:token>/", pages.invitation, name="invitation"),
    path("new-house/", pages.new_house, name="new_house"),
    path("p/<slug:slug>/settings/people/", staff_pages.page, name="people"),
    path("p/<slug:slug>/settings/people/invite/", staff_pages.invite, name="invite"),
    path(
        "p/<slug:slug>/settings/people/invited/<uuid:invitation_id>/again/",
        staff_pages.invite_again,
        name="invite_again",
    ),
    path(
        "p/<slug:slug>/settings/people/invited/<uuid:invitation_id>/withdraw/",
        staff_pages.withdraw,
        name="withdraw_invitation",
    ),
    path("p/<slug:slug>/settings/people/<str:username>/role/", staff_pages.change_role, name="change_role"),
    path(
        "p/<slug:slug>/settings/people/<str:username>/password/",
        staff_pages.password,
        name="password_link",
    ),
    path("p/<slug:slug>/settings/people/<str:username>/end/", staff_pages.end, name="end_membership"),
    path("p/<slug:slug>/settings/rooms/", room_pages.page, name="rooms_settings"),
    path("p/<slug:slug>/settings/rooms/preview/", room_pages.preview, name="preview_rooms"),
    path("p/<slug:slug>/settings/rooms/make/", room_pages.make, name="make_rooms"),
    path("p/<slug:slug>/settings/rooms/<uuid:room_id>/remove/", room_pages.remove, name="remove_room"),
    path("p/<slug:slug>/settings/accounts/", include("locks.account_urls")),
    path("p/<slug:slug>/settings/programs/", include("locks.programs.urls")),
    path("p/<slug:slug>/locks/", include("locks.urls")),
    path("p/<slug:slug>/", include("reservations.urls")),
    path("guest/<str:token>/", guest_page.page, name="guest"),
    path("guest/<str:token>/cannot-get-in/", guest_page.cannot_get_in, name="guest_cannot_get_in"),
    path("hooks/<uuid:connection_id>/", webhooks.receive, name="webhook"),
    path("hooks/reservations/<uuid:property_id>/", hook.receive, name="reservations_hook"),
    path("feeds/<uuid:property_id>/arrivals.json", arrivals.arrivals, name="arrivals_feed"),
    path("favicon.ico", RedirectView.as_view(url=static("favicon.svg")), name="favicon"),
    path("api/", include("locks.api.urls")),
    path("", include(api.at_root)),
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
]

handler400 = "hospitality.views.bad_request"
handler404 = api.or_page
handler500 = "hospitality.views.server_error"
