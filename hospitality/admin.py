"""The administration of the house, and the rules for all of it: history is read-only, what is sealed stays sealed."""

from django.contrib import admin

from hospitality.models import AuditEntry, Invitation, Membership, Property, Room, VaultProof, WorkerBeat

admin.site.site_title = "Latchkey administration"
admin.site.site_header = "Latchkey administration, all times UTC"
admin.site.index_title = "Hotels, people, locks and their history"

DOTS = "••••••"


class ReadOnlyAdmin(admin.ModelAdmin):
    """To be looked at: rows come from verbs, workers and doors, and are neither made nor changed nor removed here."""

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


class RoomInline(admin.TabularInline):
    model = Room
    extra = 0
    show_change_link = True


@admin.register(Property)
class PropertyAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "time_zone", "check_in_time", "check_out_time"]
    list_filter = ["time_zone", "codes_from_check_in"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [RoomInline, MembershipInline]


@admin.register(Room)
class RoomAdmin(admin.ModelAdmin):
    list_display = ["name", "property", "unit_type"]
    list_filter = ["property", "unit_type"]
    search_fields = ["name", "unit_type"]


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    list_display = ["user", "property", "role"]
    list_filter = ["property", "role"]
    search_fields = ["user__username", "user__first_name", "user__last_name", "property__name"]
    autocomplete_fields = ["user", "property"]


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Made and withdrawn on the page of the staff; its link is signed, not kept."""

    list_display = ["name", "property", "role", "invited_by", "ends_at", "closed_at"]
    list_filter = ["property", "role"]
    search_fields = ["name", "email", "property__name"]
    list_select_related = ["property", "invited_by"]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "action", "actor", "property", "subject_id"]
    list_filter = ["property", "action", "at"]
    search_fields = ["subject_id", "actor__username", "action"]
    list_select_related = ["actor", "property"]
    date_hierarchy = "at"


@admin.register(WorkerBeat)
class WorkerBeatAdmin(ReadOnlyAdmin):
    list_display = ["node", "done_at"]
    search_fields = ["node"]


@admin.register(VaultProof)
class VaultProofAdmin(ReadOnlyAdmin):
    list_display = fields = ["name"]
    search_fields = ["name"]
