"""Settings that would fail later, at a guest's door, fail at start, with the remedy."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection

from hospitality.addresses import LOCAL

MAIL_SERVER = "django.core.mail.backends.smtp.EmailBackend"


def register_all() -> None:
    """Have Django run these checks before every command that works on the house."""
    register(database, Tags.compatibility)
    register(queue, Tags.compatibility)
    register(ports, Tags.compatibility)
    register(clock, Tags.compatibility)
    register(hosts, Tags.security)
    register(mail, Tags.security)


def database(app_configs, **kwargs) -> list[Error]:
    """A fresh connection for each request: under ASGI, kept ones are never given back."""
    if settings.DATABASES["default"].get("CONN_MAX_AGE", 0) == 0:
        return []
    hint = "Set CONN_MAX_AGE to 0."
    return [
        Error("Database connections are kept open, which under ASGI leaks them.", hint, id="latchkey.E001")
    ]


def queue(app_configs, **kwargs) -> list[Error]:
    """Timings with which the queue neither runs a healthy task twice nor stands still."""
    return [
        Error(f"Q_CLUSTER: {problem}.", hint, id="latchkey.E002")
        for problem, hint in _queue_problems(settings.Q_CLUSTER)
    ]


def _queue_problems(queue: dict) -> Iterator[tuple[str, str]]:
    timeout, workers = queue.get("timeout") or 0, queue.get("workers") or 0
    if queue.get("orm") != "default":
        yield (
            "it is not kept in the database",
            'Set "orm": "default", so that enqueueing is part of a transaction.',
        )
    if not timeout:
        yield "a task may run for ever", 'Set "timeout" to some seconds, for example 120.'
    if queue.get("retry", 60) < 2 * timeout:
        yield "tasks would run twice", 'Set "retry" to at least twice "timeout": it counts from the prefetch.'
    if workers < 2:
        yield "one long task would stop all others", 'Set "workers" to 2 or more.'
    if queue.get("queue_limit", workers**2) > 2 * workers:
        yield "tasks would wait too long after their prefetch", 'Set "queue_limit" to the number of workers.'
    if not queue.get("ack_failures"):
        yield "a failed task would come back for ever", 'Set "ack_failures": True.'
    if queue.get("save_limit", 250) >= 0:
        yield "finished tasks would be kept", 'Set "save_limit": -1.'


def ports(app_configs, **kwargs) -> list[Error]:
    """The pages and the simulator cannot listen on one port."""
    if settings.PORT != settings.SIMULATOR_PORT:
        return []
    hint = "Set LATCHKEY_PORT or LATCHKEY_SIMULATOR_PORT to another one."
    return [Error(f"The pages and the simulator both want port {settings.PORT}.", hint, id="latchkey.E003")]


def clock(app_configs, **kwargs) -> list[Error]:
    """Inside the house all moments are UTC; each property has its own wall clock."""
    if settings.USE_TZ and settings.TIME_ZONE == "UTC":
        return []
    hint = 'Set USE_TZ = True and TIME_ZONE = "UTC"; a property\'s time zone is set on the property.'
    return [Error("The server's own time zone is not UTC.", hint, id="latchkey.E004")]


def hosts(app_configs, **kwargs) -> list[Warning]:
    """A house that others reach must know its own names."""
    found = []
    reached = settings.HTTPS or settings.HOST not in LOCAL
    if reached and not set(settings.ALLOWED_HOSTS) - LOCAL:
        hint = "Set LATCHKEY_ALLOWED_HOSTS to the names people type, with commas between them."
        found.append(Warning("Only this machine's own names are answered.", hint, id="latchkey.W001"))
    if "*" in settings.ALLOWED_HOSTS:
        hint = "Set LATCHKEY_ALLOWED_HOSTS to the names people type: links are made from the name asked for."
        found.append(Warning("Any host name is answered.", hint, id="latchkey.W002"))
    if reached and urlsplit(settings.URL).hostname in LOCAL:
        hint = (
            "Set LATCHKEY_URL to what guests type before the first single slash: https://desk.hotel.example."
        )
        found.append(Warning("Guests' links lead to this machine only.", hint, id="latchkey.W003"))
    return found


def mail(app_configs, **kwargs) -> list[Error]:
    """E-mails hold guests' digits: they go to a mail server or a hosted service, not to a log."""
    if not settings.EMAIL_READY or settings.EMAIL_BACKEND == MAIL_SERVER:
        return []
    if not settings.MAIL_SERVICE:
        hint = "Set EMAIL_URL to smtp://USER:PASSWORD@HOST:PORT, or submission://... for STARTTLS."
        return [Error("EMAIL_URL leads to no mail server.", hint, id="latchkey.E005")]
    try:
        get_connection()
    except (ImportError, ImproperlyConfigured):
        hint = "See django-anymail for its name and its keys; LATCHKEY_MAIL_SERVICE_KEYS takes them as JSON."
        found = f"The mail service {settings.MAIL_SERVICE!r} is unknown, or a key of it is missing."
        return [Error(found, hint, id="latchkey.E006")]
    return []
