"""What the templates need beyond Django's own; built into every template."""

import secrets
from collections.abc import Hashable, Iterable
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from hospitality import keyboard

register = template.Library()

TOKEN = secrets.token_hex(16)
"""Stands in what is remembered for the CSRF token, which is each request's own."""


@register.simple_tag(takes_context=True)
def remembered(context, name: str, item: str, items: Iterable[Hashable], **values) -> SafeString:
    """Include the template `name` once for each of `items`, which is called `item` there, with these `values` only.
    Equal ones were rendered before, in the same language: that is what a long list costs otherwise. They must be
    hashable, and all that the template shows must be in them."""
    language, shared = get_language(), tuple(values.items())
    html = "\n".join(_rendered(name, language, ((item, one), *shared)) for one in items)
    return SafeString(html.replace(TOKEN, str(context["csrf_token"])))


@lru_cache(maxsize=4096)
def _rendered(name: str, language: str, values: tuple) -> str:
    return render_to_string(name, dict(values) | {"csrf_token": TOKEN})


@register.simple_tag(takes_context=True)
def live_source(context) -> str:
    """The attributes that join an element to the page's live stream. `since` lets the stream tell whether
    anything rang between the reading of this page and its opening."""
    request = context["request"]
    return format_html('hx-ext="sse" sse-connect="{}?since={}"', request.stream, f"{request.begun_at:.3f}")


@register.inclusion_tag("partials/go.html", takes_context=True)
def go(
    context,
    page: str,
    words: str,
    *,
    icon: str = "",
    of_house: bool = True,
    dialog: bool = False,
) -> dict:
    """A link to the page of that name, the property's own unless not `of_house`; marked where one is there. `icon`: of
    the set of Heroicons; `dialog`: it opens above the page. The key that goes there is the one in the table of keys."""
    request = context["request"]
    url = reverse(page, args=[request.property.slug] if of_house else [])
    here = request.path == url
    pressed = key(page) if page in keyboard.BY_NAME else ""
    return {
        "url": url,
        "here": here,
        "words": words,
        "icon": icon,
        "key": pressed,
        "dialog": dialog and not here,
    }


@register.simple_tag
def key(name: str) -> SafeString:
    """The attributes of what has the key of `name`, which must be in the table of keys."""
    return format_html_join(" ", '{}="{}"', keyboard.attributes(name).items())


@register.filter
def digits(pin: str) -> str:
    """A PIN in groups as one reads it aloud: `123 456`, `12 34`, `123 45 67`."""
    size = 3 if len(pin) % 3 == 0 or len(pin) > 6 else 2
    groups = [pin[start : start + size] for start in range(0, len(pin), size)]
    if len(groups) > 1 and len(groups[-1]) == 1:
        groups[-2:] = [groups[-2] + groups[-1]]
    return " ".join(groups)
