from django.apps import AppConfig

from hospitality import checks


class HospitalityConfig(AppConfig):
    name = "hospitality"

    def ready(self) -> None:
        checks.register_all()
