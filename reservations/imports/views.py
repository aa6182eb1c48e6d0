"""Taking in a reservation list: upload, preview, say what is unclear, apply.

The file stays on the server between these steps, sealed and bound to the person who sent it; only its UUID goes
back and forth.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hospitality import access
from hospitality.access import DESK, signed_in
from hospitality.htmx import render_page
from hospitality.models import Property
from reservations.imports import columns, intake, uploads, upsert
from reservations.imports.forms import ColumnsForm, UnitsForm, UploadForm
from reservations.imports.models import ImportUpload
from reservations.imports.refusals import FileRefused
from reservations.imports.report import Report
from reservations.models import ImportProfile

SHOWN = 500
GONE = gettext_lazy(
    "This file is no longer here: it was taken in already, or it was uploaded more than an hour ago. Upload it again."
)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for the file. One that is no reservation list is refused here and not kept."""
    property = access.enter(request, slug, DESK)
    uploads.sweep()
    if request.method != "POST":
        return _ask(request, property)
    form = UploadForm(property, request.POST, request.FILES)
    if not form.is_valid():
        return _ask(request, property, form, status=422)
    file, source = form.cleaned_data["file"], form.cleaned_data["source"]
    data = file.read()
    try:
        intake.open_file(property, data, source)
    except columns.ColumnsMissing:
        kept = uploads.keep(property, request.user, file.name, data, source)
        return redirect("import_columns", slug, kept.public_id)
    except FileRefused as refusal:
        return _ask(request, property, why=str(refusal), status=422)
    kept = uploads.keep(property, request.user, file.name, data, source)
    return redirect("import_preview", slug, kept.public_id)


@signed_in
@require_safe
def preview(request: HttpRequest, slug: str, upload_id) -> HttpResponse:
    """What taking the file in would do now."""
    property = access.enter(request, slug, DESK)
    upload = uploads.find(property, request.user, upload_id)
    if upload is None:
        return _ask(request, property, why=GONE, status=410)
    try:
        opened = intake.open_file(property, uploads.data(upload), upload.source)
    except columns.ColumnsMissing:
        return redirect("import_columns", slug, upload_id)
    except FileRefused as refusal:
        return _ask(request, property, why=str(refusal), status=422)
    return _show(request, property, upload, opened)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def choose_columns(request: HttpRequest, slug: str, upload_id) -> HttpResponse:
    """Say which column is which; remembered for the next file of that source."""
    property = access.enter(request, slug, DESK)
    upload = uploads.find(property, request.user, upload_id)
    if upload is None:
        return _ask(request, property, why=GONE, status=410)
    try:
        samples = intake.samples(property, uploads.data(upload))
    except FileRefused as refusal:
        return _ask(request, property, why=str(refusal), status=422)
    form = ColumnsForm(
        samples, request.POST or None, initial=_known_columns(property, upload, tuple(samples))
    )
    if request.method != "POST" or not form.is_valid():
        context = {"property": property, "upload": upload, "form": form}
        status = 422 if form.is_bound else 200
        return render_page(request, "reservations/import_columns.html", context, status=status)
    upload.source = form.cleaned_data["source"]
    intake.remember_columns(property, upload.source, form.columns())
    upload.save(update_fields=["source"])
    return redirect("import_preview", slug, upload_id)


@signed_in
@require_POST
def choose_units(request: HttpRequest, slug: str, upload_id) -> HttpResponse:
    """Say which rooms the file's unit types are; remembered for the next file of that source."""
    property = access.enter(request, slug, DESK)
    upload = uploads.find(property, request.user, upload_id)
    if upload is None:
        return _ask(request, property, why=GONE, status=409)
    try:
        opened = intake.open_file(property, uploads.data(upload), upload.source)
    except FileRefused as refusal:
        return _ask(request, property, why=str(refusal), status=422)
    form = _units_form(property, opened, upsert.preview(property, opened), request.POST)
    if not form.is_valid():
        return _show(request, property, upload, opened, why=_("Choose rooms of this property."), status=422)
    intake.remember_units(property, opened.source, form.chosen())
    return redirect("import_preview", slug, upload_id)


@signed_in
@require_POST
def apply(request: HttpRequest, slug: str, upload_id) -> HttpResponse:
    """Take the file in and show what was done. The second of two clicks is told that it is done."""
    property = access.enter(request, slug, DESK)
    upload = uploads.find(property, request.user, upload_id)
    if upload is None:
        return _ask(request, property, why=GONE, status=409)
    try:
        opened = intake.open_file(property, uploads.data(upload), upload.source)
    except FileRefused as refusal:
        return _ask(request, property, why=str(refusal), status=422)
    older, second_yes = "older" in request.POST, "second_yes" in request.POST
    if opened.older(property) and not older:
        why = _("This file looks older than the last one. Nothing was taken in; tick that you mean it.")
        return _show(request, property, upload, opened, why=why, status=422)
    if not uploads.take(upload):
        return _ask(request, property, why=GONE, status=409)
    report = upsert.apply(property, opened, by=request.user, second_yes=second_yes, confirm_older=older)
    context = {"property": property, "upload": upload, "done": True, **_listing(report)}
    return render_page(request, "reservations/import_preview.html", context)


@signed_in
@require_POST
def discard(request: HttpRequest, slug: str, upload_id) -> HttpResponse:
    """Forget the file."""
    property = access.enter(request, slug, DESK)
    if upload := uploads.find(property, request.user, upload_id):
        uploads.take(upload)
    return redirect("import", slug)


def _ask(
    request: HttpRequest,
    property: Property,
    form: UploadForm | None = None,
    *,
    why: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {"property": property, "form": form or UploadForm(property), "why": why}
    return render_page(request, "reservations/import.html", context, status=status)


def _show(
    request: HttpRequest,
    property: Property,
    upload: ImportUpload,
    opened: intake.Intake,
    *,
    why: str = "",
    status: int = 200,
) -> HttpResponse:
    report = upsert.preview(property, opened)
    context = {"property": property, "upload": upload, "why": why, **_listing(report)}
    context["units"] = _units_form(property, opened, report)
    return render_page(request, "reservations/import_preview.html", context, status=status)


def _listing(report: Report) -> dict:
    """The lines worth reading, at most so many."""
    lines = [line for line in report.lines if line.changes or line.needs_a_look or line.does_something]
    return {"report": report, "lines": lines[:SHOWN], "more": max(0, len(lines) - SHOWN)}


def _units_form(property: Property, opened: intake.Intake, report: Report, data=None) -> UnitsForm:
    mapped = opened.profile.unit_types
    return UnitsForm(property, sorted({*report.unknown_units, *mapped}), mapped, data)


def _known_columns(property: Property, upload: ImportUpload, header: tuple[str, ...]) -> dict[str, str]:
    """What the form starts with: what was said before about this source, else guesses from the names."""
    profile = ImportProfile.objects.filter(property=property, source=upload.source).first()
    said = profile.columns if profile and upload.source else {}
    return {**columns.guess(header), **said, "source": upload.source}
