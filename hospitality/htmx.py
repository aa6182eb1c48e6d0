"""The whole client protocol: whole pages for browsers, fragments for htmx, and what a POST answers.

One template serves both: `page.html` is the page, `page.html#part` the fragment. No view decides which.
"""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers, patch_vary_headers


def wants_fragment(request: HttpRequest) -> bool:
    """True if htmx asks for a part of a page. When it restores history it needs the page."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def said_yes(request: HttpRequest) -> bool:
    """Was the question, which a page or dialog asked once more, answered with yes?"""
    return request.POST.get("confirmed") == "1"


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping,
    *,
    partial: str | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """`template`, or only its `partial` (with the waiting toasts) if htmx asks for it. Never cached.

    `headers` go with a fragment only: they steer htmx (`HX-Trigger`, `HX-Retarget`, ...).
    """
    if partial and wants_fragment(request):
        body = render_to_string(f"{template}#{partial}", context, request)
        if len(messages.get_messages(request)):
            body += render_to_string("partials/toasts.html#news", {}, request)
        response = HttpResponse(body, status=status, headers=headers)
    else:
        response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    add_never_cache_headers(response)
    return response


def done(
    request: HttpRequest,
    template: str,
    context: Mapping,
    *,
    partial: str,
    to: str,
    toast: str = "",
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """A POST went well: the fresh `partial` for htmx, a redirect to `to` for a browser without it.

    `toast` is the sentence that is shown; it never holds a PIN.
    """
    if toast:
        messages.success(request, toast)
    if not wants_fragment(request):
        return redirect(to)
    return render_page(request, template, context, partial=partial, headers=headers)


def refused(
    request: HttpRequest,
    template: str,
    context: Mapping,
    *,
    partial: str,
    why: str,
    status: int,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """A POST was refused: the fresh region (or the whole page) with the sentence `why`. `status`: 409 or 422."""
    messages.error(request, why)
    return render_page(request, template, context, partial=partial, status=status, headers=headers)
