from django.urls import path

from locks import views

urlpatterns = [
    path("", views.lock_list, name="locks"),
    path("<uuid:lock_id>/", views.lock, name="lock"),
    path("<uuid:lock_id>/codes/<uuid:code_id>/adopt/", views.adopt, name="adopt"),
    path("<uuid:lock_id>/codes/<uuid:code_id>/remove/", views.remove, name="remove_code"),
]
