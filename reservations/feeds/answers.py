"""How other programs are answered: JSON that is never cached, errors that name the remedy, and not too often."""

from django.core.cache import cache
from django.http import HttpResponse, JsonResponse


def answer(body: object, status: int = 200, **headers: str) -> HttpResponse:
    """`headers` with underscores for dashes: `Retry_After="60"`."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store", **names})


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
