from django.urls import path

from locks import account_pages

urlpatterns = [
    path("", account_pages.page, name="accounts"),
    path("simulator/", account_pages.use_simulator, name="use_simulator"),
    path("new/<slug:provider>/", account_pages.add, name="add_account"),
    path("<uuid:account_id>/ask/", account_pages.ask, name="ask_account"),
    path("<uuid:account_id>/doors/", account_pages.make_doors, name="make_doors"),
    path("<uuid:account_id>/credentials/", account_pages.renew, name="renew_account"),
    path("<uuid:account_id>/remove/", account_pages.remove, name="remove_account"),
]
