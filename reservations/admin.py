"""Guests and stays in the administration: to be searched and read, for a stay is changed at the desk. Here too
because stays must follow: a lock that serves other rooms, and a property with other times."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.urls import reverse
from django_q.tasks import async_task

from hospitality.admin import AuditEntryAdmin as PlainAuditEntryAdmin
from hospitality.admin import PropertyAdmin as PlainPropertyAdmin
from hospitality.admin import ReadOnlyAdmin
from hospitality.models import AuditEntry, Property
from locks.admin import LockAdmin as PlainLockAdmin
from locks.models import Lock
from reservations import stay_page, stays
from reservations.feeds.models import (
    CalendarEvent,
    CalendarFeed,
    FeedSettings,
    FeedToken,
    ReceivedReservations,
)
from reservations.handover.models import Handover
from reservations.housekeeping.models import Closure
from reservations.imports.models import ImportUpload
from reservations.messages.models import Message, MessageRule, MessageSettings, MessageTemplate
from reservations.models import Companion, Guest, GuestCall, ImportProfile, Reservation, Stay, StayState
from reservations.notes.models import Note

AT_ONCE = 100
"""So many stays follow before the answer; a task sees to the others."""


def follow(request, affected: QuerySet[Stay]) -> None:
    """Bring the codes of the running and coming stays among `affected` in line with what was just saved: of the
    nearest at once, saying which cannot be, of more by a task."""
    active = affected.filter(state__in=[StayState.BOOKED, StayState.IN_HOUSE]).order_by("arrival", "pk")
    found = list(active[: AT_ONCE + 1])
    for stay in found[:AT_ONCE]:
        try:
            stays.fit_doors(stay, by=request.user)
        except stays.Refused as refusal:
            messages.error(request, f"{stay}: {refusal}")
    if len(found) > AT_ONCE:
        async_task("reservations.tasks.fit_doors")
        messages.info(request, "The codes of later stays follow in the next minutes.")


@admin.register(Lock)
class LockAdmin(PlainLockAdmin):
    def save_related(self, request, form, formsets, change) -> None:
        before = set(form.instance.rooms.values_list("pk", flat=True))
        super().save_related(request, form, formsets, change)
        after = set(form.instance.rooms.values_list("pk", flat=True))
        follow(request, Stay.objects.filter(room__in=before ^ after))


admin.site.unregister(AuditEntry)


@admin.register(AuditEntry)
class AuditEntryAdmin(PlainAuditEntryAdmin):
    """With the desk's words for what was done."""

    list_display = ["at", "what", "actor", "property", "subject_id"]

    @admin.display(ordering="action")
    def what(self, entry: AuditEntry) -> str:
        return stay_page.words_of(entry.action)


admin.site.unregister(Property)


@admin.register(Property)
class PropertyAdmin(PlainPropertyAdmin):
    def save_model(self, request, obj, form, change) -> None:
        super().save_model(request, obj, form, change)
        if change and {
            "time_zone",
            "check_in_time",
            "check_out_time",
            "codes_from_check_in",
            "tell_hours_before",
        } & set(form.changed_data):
            follow(request, Stay.objects.filter(property=obj))


@admin.register(Guest)
class GuestAdmin(admin.ModelAdmin):
    """The name is on the doors too, so it is changed on the stay's page."""

    list_display = ["name", "property", "email", "phone"]
    list_filter = ["property"]
    search_fields = ["name", "email", "phone"]
    readonly_fields = ["property", "name"]

    def has_add_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Reservation)
class ReservationAdmin(admin.ModelAdmin):
    list_display = ["external_id", "guest", "property", "source", "created_at"]
    list_filter = ["property", "source", "created_at"]
    search_fields = ["external_id", "guest__name"]
    list_select_related = ["guest", "property"]
    readonly_fields = [
        "property",
        "guest",
        "source",
        "external_id",
        "has_shared_code",
        "grant",
        "created_at",
    ]

    def has_add_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Stay)
class StayAdmin(ReadOnlyAdmin):
    list_display = ["reservation", "room", "arrival", "departure", "state", "property"]
    list_filter = ["property", "state", "arrival", "departure"]
    search_fields = ["reservation__guest__name", "reservation__external_id", "room__name", "public_id"]
    list_select_related = ["reservation__guest", "room", "property"]
    date_hierarchy = "arrival"

    def view_on_site(self, stay: Stay) -> str:
        return reverse("stay", args=[stay.property.slug, stay.public_id])


@admin.register(Companion)
class CompanionAdmin(ReadOnlyAdmin):
    """Added and taken off on the stay's page, where their codes follow."""

    list_display = ["name", "stay", "has_own_code", "left_at"]
    list_filter = ["stay__property", "has_own_code"]
    search_fields = ["name", "stay__reservation__guest__name"]
    list_select_related = ["stay__reservation__guest", "stay__room"]


@admin.register(ImportProfile)
class ImportProfileAdmin(admin.ModelAdmin):
    list_display = ["source", "property", "newest_booking"]
    list_filter = ["property"]
    search_fields = ["source"]


@admin.register(GuestCall)
class GuestCallAdmin(ReadOnlyAdmin):
    list_display = ["opened_at", "stay", "presses", "closed_at", "closed_by"]
    list_filter = ["stay__property", "opened_at"]
    search_fields = ["stay__reservation__guest__name", "stay__room__name"]
    list_select_related = ["stay__reservation__guest", "stay__room", "closed_by"]


@admin.register(Note)
class NoteAdmin(ReadOnlyAdmin):
    """Written and marked done at the desk."""

    list_display = ["text", "stay", "room", "written_at", "written_by", "done_at"]
    list_filter = ["property", "written_at"]
    search_fields = ["text", "stay__reservation__guest__name", "room__name"]
    list_select_related = ["stay__reservation__guest", "stay__room", "room", "written_by"]


@admin.register(Closure)
class ClosureAdmin(ReadOnlyAdmin):
    """Made and ended on the pages of the rooms."""

    list_display = ["room", "begins", "ends", "why", "made_by"]
    list_filter = ["room__property", "begins"]
    search_fields = ["room__name", "why"]
    list_select_related = ["room", "made_by"]


@admin.register(Handover)
class HandoverAdmin(ReadOnlyAdmin):
    list_display = ["signed_at", "signed_name", "property"]
    list_filter = ["property", "signed_at"]
    search_fields = ["signed_name", "remarks"]


@admin.register(ImportUpload)
class ImportUploadAdmin(ReadOnlyAdmin):
    """What is in the file is sealed; a forgotten one may be removed."""

    list_display = ["file_name", "property", "user", "created_at"]
    list_filter = ["property"]
    search_fields = ["file_name", "user__username"]
    fields = ["public_id", "file_name", "source", "property", "user", "created_at"]

    def has_delete_permission(self, request, obj=None) -> bool:
        return request.user.has_perm("reservations.delete_importupload")


@admin.register(MessageTemplate)
class MessageTemplateAdmin(ReadOnlyAdmin):
    """Written on the page of the messages, where what it says is checked."""

    list_display = ["name", "language", "property", "subject"]
    list_filter = ["property", "language"]
    search_fields = ["name", "subject", "body"]


@admin.register(MessageRule)
class MessageRuleAdmin(ReadOnlyAdmin):
    list_display = ["name", "when", "hours", "channel", "property"]
    list_filter = ["property", "when", "channel"]
    search_fields = ["name"]


@admin.register(MessageSettings)
class MessageSettingsAdmin(ReadOnlyAdmin):
    """The address of the text service is sealed."""

    list_display = fields = ["property", "region", "language", "reply_to"]
    search_fields = ["property__name"]


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """The texts are masked."""

    list_display = ["name", "stay", "channel", "state", "sent_at", "problem"]
    list_filter = ["stay__property", "state", "channel", "created_at"]
    search_fields = ["stay__reservation__guest__name", "name", "public_id"]
    list_select_related = ["stay__reservation__guest", "stay__room"]
    exclude = ["facts"]
    date_hierarchy = "created_at"


@admin.register(FeedSettings)
class FeedSettingsAdmin(ReadOnlyAdmin):
    """The webhook's secret is sealed; a manager makes another one on the page of the feeds."""

    list_display = fields = ["property", "misses", "hook_since"]
    search_fields = ["property__name"]


@admin.register(CalendarFeed)
class CalendarFeedAdmin(ReadOnlyAdmin):
    """The addresses are sealed: they hold keys."""

    list_display = ["room", "source", "host", "state", "said", "read_at", "property"]
    list_filter = ["property", "source", "state"]
    search_fields = ["room__name", "host"]
    list_select_related = ["room", "property"]
    exclude = ["url_sealed", "url_index"]


@admin.register(CalendarEvent)
class CalendarEventAdmin(ReadOnlyAdmin):
    list_display = ["feed", "is_stay", "number", "guest", "arrival", "departure", "misses"]
    list_filter = ["feed__property", "is_stay", "arrival"]
    search_fields = ["number", "guest", "uid"]
    list_select_related = ["feed__room"]


@admin.register(ReceivedReservations)
class ReceivedReservationsAdmin(ReadOnlyAdmin):
    list_display = ["received_at", "source", "status", "property"]
    list_filter = ["property", "source", "status"]
    search_fields = ["source", "webhook_id"]


@admin.register(FeedToken)
class FeedTokenAdmin(ReadOnlyAdmin):
    """Only its hash is known here."""

    list_display = ["name", "property", "with_guests", "with_codes", "used_at", "revoked_at"]
    list_filter = ["property"]
    search_fields = ["name", "begins"]
    exclude = ["hash"]
