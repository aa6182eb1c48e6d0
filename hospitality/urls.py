"""Every address of the house. The composition root: it may import everything."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from hospitality import views
from hospitality.health import healthz
from locks import owners, webhooks
from reservations import guest_page
from reservations.feeds import arrivals, hook

urlpatterns = [
    path("", views.home, name="home"),
    path("owner/", owners.dashboard, name="dashboard"),
    path("owner/live/", views.no_stream, name="dashboard_live"),
    path("sign-in/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("sign-out/", auth.LogoutView.as_view(), name="logout"),
    path("p/<slug:slug>/live/", views.no_stream, name="live"),
    path("p/<slug:slug>/locks/", include("locks.urls")),
    path("p/<slug:slug>/", include("reservations.urls")),
    path("guest/<str:token>/", guest_page.page, name="guest"),
    path("guest/<str:token>/cannot-get-in/", guest_page.cannot_get_in, name="guest_cannot_get_in"),
    path("hooks/<uuid:connection_id>/", webhooks.receive, name="webhook"),
    path("hooks/reservations/<uuid:property_id>/", hook.receive, name="reservations_hook"),
    path("feeds/<uuid:property_id>/arrivals.json", arrivals.arrivals, name="arrivals_feed"),
    path("favicon.ico", RedirectView.as_view(url=static("favicon.svg")), name="favicon"),
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
]

handler400 = "hospitality.views.bad_request"
handler500 = "hospitality.views.server_error"
