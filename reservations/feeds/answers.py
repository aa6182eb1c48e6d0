"""How other programs are answered: JSON that is never cached, errors that name the remedy, and not too often. Its words
are part of the interface, so they are English, whoever asks."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation

FIXED = {"Cache-Control": "no-store", "Content-Language": settings.LANGUAGE_CODE}


def in_english(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view, whatever language the caller's headers prefer."""

    @wraps(view)
    def answered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        with translation.override(settings.LANGUAGE_CODE):
            return view(request, *args, **kwargs)

    return answered


def answer(body: object, status: int = 200, **headers: str) -> HttpResponse:
    """`headers` with underscores for dashes: `Retry_After="60"`."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return JsonResponse(body, status=status, headers={**FIXED, **names})


def refusal(status: int, why: str, **headers: str) -> HttpResponse:
    """No, and what to do."""
    return answer({"error": why}, status, **headers)


def too_often(key: str, per_minute: int) -> HttpResponse | None:
    """The refusal where this key was answered so often within a minute by this process; else None, and it counts."""
    key = f"feeds-{key}"
    cache.add(key, 0, 60)
    if cache.incr(key) <= per_minute:
        return None
    return refusal(429, f"At most {per_minute} requests a minute. Try again in a minute.", Retry_After="60")
