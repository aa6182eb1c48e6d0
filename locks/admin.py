"""Connections, locks and codes in the administration. Credentials go in and never come out; PINs are never shown."""

from django import forms
from django.contrib import admin, messages

from hospitality.admin import DOTS, ReadOnlyAdmin
from locks import placing, wishes
from locks.models import (
    AccessCode,
    AccessGrant,
    ApiKey,
    BackupPull,
    Connection,
    Delivery,
    DeliveryAttempt,
    Event,
    FormerDigits,
    FoundDevice,
    KeptAnswer,
    ReceivedWebhook,
    RemoteUnlock,
    StaffCode,
    Webhook,
)
from locks.providers import PROVIDERS
from locks.providers.base import ProviderError


class ConnectionForm(forms.ModelForm):
    """`new_credentials` is written only: it is not shown again, not even after a mistake elsewhere in the form."""

    provider = forms.ChoiceField(choices=[(name, name) for name in sorted(PROVIDERS)])
    new_credentials = forms.JSONField(
        required=False,
        widget=forms.PasswordInput({"autocomplete": "off"}),
        help_text='JSON, such as {"base_url": "...", "token": "..."}. Leave empty to keep what is there.',
    )

    class Meta:
        model = Connection
        fields = ["property", "provider", "name", "calls_per_second"]
        help_texts = {
            "calls_per_second": "How often each worker may ask the maker, in calls a second: 5, or 0.2 for one call "
            "every five seconds. Two workers ask twice as often. Leave empty if the maker sets no limit."
        }
        error_messages = {
            "calls_per_second": {
                "min_value": "Write a number above 0, at least 0.01 (one call in 100 seconds), or leave it empty for "
                "no limit: with none allowed, no lock of this account would ever be looked at."
            }
        }

    def clean_new_credentials(self):
        given = self.cleaned_data["new_credentials"]
        if given is not None and not isinstance(given, dict):
            raise forms.ValidationError('Write a JSON object, such as {"token": "..."}.')
        return given


@admin.register(Connection)
class ConnectionAdmin(admin.ModelAdmin):
    form = ConnectionForm
    list_display = ["name", "property", "provider", "state", "checked_at"]
    list_filter = ["property", "provider", "state"]
    search_fields = ["name", "property__name"]
    fields = [
        "property",
        "provider",
        "name",
        "calls_per_second",
        "new_credentials",
        "credentials_kept",
        "state",
        "error",
        "checked_at",
    ]
    readonly_fields = ["credentials_kept", "state", "error", "checked_at"]
    actions = ["look_for_devices"]

    @admin.display(description="credentials")
    def credentials_kept(self, connection: Connection) -> str:
        return DOTS if connection.credentials_sealed else "none yet"

    def save_model(self, request, obj, form, change) -> None:
        given = form.cleaned_data["new_credentials"]
        if given is not None:
            obj.credentials = given
        super().save_model(request, obj, form, change)

    @admin.action(description="Look for new devices in these accounts now", permissions=["change"])
    def look_for_devices(self, request, queryset) -> None:
        """Devices that are no lock of ours are kept to be placed; where each one hangs is for a person to say."""
        for connection in queryset.select_related("property"):
            try:
                placing.discover(connection)
            except ProviderError as error:
                self.message_user(request, f"{connection}: {error}", messages.ERROR)
                continue
            waiting = connection.found_devices.filter(dismissed_at=None)
            names = ", ".join(waiting.values_list("name", flat=True)) or "nothing new"
            self.message_user(request, f"{connection}: {names}. Say where each one hangs: Locks, New locks.")


class LockAdmin(admin.ModelAdmin):
    """What a person says about a lock; how it was found is read-only. Registered by `reservations.admin`, which
    lets the stays follow a lock that now serves other rooms."""

    list_display = ["name", "property", "kind", "online", "battery", "seen_at", "error"]
    list_filter = ["property", "kind", "online", "connection"]
    search_fields = ["name", "provider_ref", "rooms__name"]
    filter_horizontal = ["rooms"]
    fields = [
        "property",
        "connection",
        "provider_ref",
        "name",
        "kind",
        "rooms",
        "backup_pool_enabled",
        "backup_pool_size",
        *(found := ["model", "capabilities", "time_zone", "replaced_by"]),
        *(
            health := [
                "online",
                "online_changed_at",
                "seen_at",
                "battery",
                "error_code",
                "error",
                "due_at",
                "failures",
            ]
        ),
    ]
    readonly_fields = [*found, *health]

    def save_related(self, request, form, formsets, change) -> None:
        super().save_related(request, form, formsets, change)
        wishes.wake([form.instance])


@admin.register(AccessGrant)
class AccessGrantAdmin(ReadOnlyAdmin):
    list_display = ["name", "property", "starts_at", "ends_at", "revoked_at"]
    list_filter = ["property", "starts_at"]
    search_fields = ["name", "public_id"]
    fields = ["public_id", "property", "name", "pin_dots", "starts_at", "ends_at", "revoked_at", "created_at"]

    @admin.display(description="PIN")
    def pin_dots(self, grant: AccessGrant) -> str:
        return DOTS if grant.pin_sealed else "none"


@admin.register(AccessCode)
class AccessCodeAdmin(ReadOnlyAdmin):
    list_display = [
        "name",
        "lock",
        "status",
        "wanted",
        "observed",
        "starts_at",
        "ends_at",
        "is_backup",
        "live",
    ]
    list_filter = ["lock__property", "status", "live", "is_backup", "is_managed", "observed"]
    search_fields = ["name", "public_id", "lock__name", "observed_ref"]
    list_select_related = ["lock"]
    exclude_always = {"id", "pin_sealed", "pin_index", "pin4", "observed_pin_index"}

    def get_queryset(self, request):
        return super().get_queryset(request).defer("pin_sealed")

    def get_fields(self, request, obj=None) -> list[str]:
        names = [field.name for field in AccessCode._meta.fields if field.name not in self.exclude_always]
        return ["pin_dots", *names]

    @admin.display(description="PIN")
    def pin_dots(self, code: AccessCode) -> str:
        return "none" if code.pin_index is None else DOTS


@admin.register(FormerDigits)
class FormerDigitsAdmin(ReadOnlyAdmin):
    """That there were others, and until when."""

    list_display = ["code", "lock", "last_on_at"]
    list_filter = ["lock__property", "last_on_at"]
    search_fields = ["code__name", "lock__name"]
    list_select_related = ["code__lock", "lock"]
    fields = ["code", "lock", "last_on_at"]


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """Without `data`: what a maker sends with a door event may hold more than is ours to show."""

    list_display = ["occurred_at", "event_type", "lock", "access_code", "actor"]
    list_filter = ["property", "event_type", "occurred_at"]
    search_fields = ["event_id", "event_type", "lock__name", "access_code__name"]
    list_select_related = ["lock", "access_code", "actor"]
    date_hierarchy = "occurred_at"
    exclude = ["data"]


@admin.register(RemoteUnlock)
class RemoteUnlockAdmin(ReadOnlyAdmin):
    list_display = ["asked_at", "lock", "outcome", "asked_by", "sent_at", "ended_at"]
    list_filter = ["lock__property", "outcome", "asked_at"]
    search_fields = ["lock__name", "asked_by__username"]
    list_select_related = ["lock", "asked_by"]


@admin.register(BackupPull)
class BackupPullAdmin(ReadOnlyAdmin):
    list_display = ["asked_at", "code", "outcome", "asked_by", "ended_at"]
    list_filter = ["code__lock__property", "outcome", "asked_at"]
    search_fields = ["code__name", "code__lock__name", "asked_by__username"]
    list_select_related = ["code__lock", "asked_by"]


@admin.register(FoundDevice)
class FoundDeviceAdmin(ReadOnlyAdmin):
    """To be read: where a device hangs is said on the page of new locks, which lets codes and stays follow."""

    list_display = ["name", "connection", "model", "found_at", "dismissed_at"]
    list_filter = ["connection__property", "dismissed_at"]
    search_fields = ["name", "provider_ref"]
    list_select_related = ["connection"]


@admin.register(KeptAnswer)
class KeptAnswerAdmin(ReadOnlyAdmin):
    """Without the answer, which may hold digits."""

    list_display = ["at", "name", "api_key"]
    list_filter = ["api_key__property", "at"]
    search_fields = ["name", "api_key__name"]
    list_select_related = ["api_key"]
    exclude = ["asked", "answer_sealed"]


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    """Without the address, in which the other program may have put a key."""

    list_display = ["host", "property", "created_at", "created_by", "removed_at"]
    list_filter = ["property", "created_at"]
    search_fields = ["public_id", "property__name"]
    list_select_related = ["property", "created_by"]
    exclude = ["url", "secret_sealed"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ["event", "webhook", "state", "attempts", "next_at", "ended_at"]
    list_filter = ["webhook__property", "state"]
    search_fields = ["public_id", "event__event_id", "event__event_type"]
    list_select_related = ["event", "webhook"]


@admin.register(DeliveryAttempt)
class DeliveryAttemptAdmin(ReadOnlyAdmin):
    """Without what the other program said, which may hold more than is ours to show."""

    list_display = ["at", "delivery", "status_code", "trouble", "duration_ms"]
    list_filter = ["trouble", "at"]
    search_fields = ["delivery__public_id", "delivery__event__event_id"]
    list_select_related = ["delivery__event", "delivery__webhook"]
    date_hierarchy = "at"
    exclude = ["said"]


@admin.register(ReceivedWebhook)
class ReceivedWebhookAdmin(ReadOnlyAdmin):
    """Without `body`: what a maker sends may hold more than is ours to show."""

    list_display = ["received_at", "kind", "device_ref", "connection"]
    list_filter = ["connection", "kind", "received_at"]
    search_fields = ["webhook_id", "device_ref", "kind"]
    list_select_related = ["connection"]
    date_hierarchy = "received_at"
    exclude = ["body"]


@admin.register(StaffCode)
class StaffCodeAdmin(ReadOnlyAdmin):
    """Made and taken off on their own page, where the doors follow."""

    list_display = ["name", "property", "when", "where", "ended_at"]
    list_filter = ["property", "when", "where"]
    search_fields = ["name"]


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Made and revoked on the page of the programs; only its hash is known here."""

    list_display = ["name", "property", "scopes", "expires_at", "revoked_at", "last_used_at"]
    list_filter = ["property"]
    search_fields = ["name", "begins"]
    exclude = ["hash"]
