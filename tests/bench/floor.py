"""The least that a board, a search or a call of the API could cost, as views in the same server: the board's questions
asked as `.values()` and answered with a constant string of its size; one stay looked up by an index; one insert, one
select."""

from django.db.models import Subquery
from django.db.models.query import ModelIterable, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from hospitality import access, clock, urls
from hospitality.access import signed_in
from locks.models import AccessCode, Lock
from reservations.desk import pages
from reservations.models import Stay

SHOWN = (
    "public_id",
    "state",
    "arrival",
    "departure",
    "checked_out_at",
    "room__name",
    "property_id",
    "reservation__external_id",
    "reservation__guest__name",
)
"""What the search shows of a stay."""
_questions: list[QuerySet] = []
_body: list[bytes] = []


@signed_in
def floor(request: HttpRequest, slug: str) -> HttpResponse:
    """The first time it listens to a board."""
    if not _body:
        _listen(request, slug)
    access.enter(request, slug)
    clock.now()
    for question in _questions:
        list(question._chain())
    return HttpResponse(_body[0])


def _listen(request: HttpRequest, slug: str) -> None:
    fetch = QuerySet._fetch_all

    def kept(queryset):
        if queryset._result_cache is None:
            again = queryset._chain()
            _questions.append(again.values() if again._iterable_class is ModelIterable else again)
        return fetch(queryset)

    QuerySet._fetch_all = kept
    try:
        _body.append(pages.board(request, slug).content)
    finally:
        QuerySet._fetch_all = fetch


@signed_in
def lookup(request: HttpRequest, slug: str) -> HttpResponse:
    """One stay by its public id, with what the search shows of it."""
    property = access.enter(request, slug)
    clock.now()
    found = Stay.objects.filter(property=property, public_id=request.GET["stay"]).values(*SHOWN)
    return HttpResponse(str(list(found)))


@csrf_exempt
def insert(request: HttpRequest, device_id) -> HttpResponse:
    """One code's row, without its digits; the lock is found by its public id within the same statement."""
    lock = Lock.objects.filter(public_id=device_id).values("pk")
    made = AccessCode.objects.create(lock_id=Subquery(lock), name="Anna Smith", asked_at=timezone.now())
    return JsonResponse({"access_code": str(made.public_id)})


def select(request: HttpRequest, code_id) -> HttpResponse:
    """One code by its public id."""
    return JsonResponse({"access_codes": len(AccessCode.objects.filter(public_id=code_id).values())})


def selects(request: HttpRequest, device_id) -> HttpResponse:
    """The live codes of one lock."""
    found = AccessCode.objects.filter(lock__public_id=device_id, live=True).values()
    return JsonResponse({"access_codes": len(found)})


urlpatterns = [
    *urls.urlpatterns,
    path("floor/insert/<uuid:device_id>/", insert),
    path("floor/select/<uuid:code_id>/", select),
    path("floor/selects/<uuid:device_id>/", selects),
    path("p/<slug:slug>/floor/", floor),
    path("p/<slug:slug>/lookup/", lookup),
]
handler400, handler500 = urls.handler400, urls.handler500
