"""What the templates need beyond Django's own; built into every template."""

from django import template
from django.urls import reverse
from django.utils.html import format_html

register = template.Library()


@register.simple_tag(takes_context=True)
def live_source(context) -> str:
    """The attributes that join an element to its property's live stream. `since` lets the stream tell whether
    anything rang between the reading of this page and its opening."""
    request = context["request"]
    url = reverse("live", args=[request.property.slug])
    return format_html('hx-ext="sse" sse-connect="{}?since={}"', url, f"{request.begun_at:.3f}")


@register.filter
def digits(pin: str) -> str:
    """A PIN in groups as one reads it aloud: `123 456`, `12 34`, `123 45 67`."""
    size = 3 if len(pin) % 3 == 0 or len(pin) > 6 else 2
    groups = [pin[start : start + size] for start in range(0, len(pin), size)]
    if len(groups) > 1 and len(groups[-1]) == 1:
        groups[-2:] = [groups[-2] + groups[-1]]
    return " ".join(groups)
