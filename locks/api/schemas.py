"""What goes in and out, by the seeds' names. `OLDER` spellings of a parameter are taken beside today's.

What comes in is strict: an unknown parameter, or a time without an offset, is refused and never guessed.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema

OLDER = {
    "device": "device_id",
    "allow_external_modification": "is_external_modification_allowed",
    "use_offline_access_code": "is_offline_access_code",
}
MOST_LISTED = 55_000
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _moment(told: Any) -> Any:
    """ISO 8601 with an offset, as UTC."""
    form = "Write the time as ISO 8601 with an offset: 2026-01-31T16:00:00Z or 2026-01-31T16:00:00+01:00."
    if not isinstance(told, str):
        raise ValueError(form)
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        raise ValueError(form) from None
    if moment.tzinfo is None:
        raise ValueError(f"The time has no offset. {form}")
    if not EARLIEST <= moment < LATEST:
        raise ValueError("The time is not between the years 1970 and 2200.")
    return moment.astimezone(UTC)


def _plain(text: str) -> str:
    """What a database can keep."""
    if "\0" in text:
        raise ValueError("The text has a character that cannot be kept (NUL).")
    return text


Moment = Annotated[
    datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
Text = Annotated[str, Field(max_length=500), AfterValidator(_plain)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_plain)]
Pin = Annotated[str, Field(pattern=r"^[0-9]{4,12}$")]
Metadata = Annotated[
    dict[
        Annotated[str, Field(max_length=40), AfterValidator(_plain)],
        Annotated[str, Field(max_length=500), AfterValidator(_plain)] | bool | None,
    ],
    Field(max_length=50),
]


class Ask(Schema):
    """The parameters of a call."""

    model_config = ConfigDict(extra="forbid")


class Nothing(Ask):
    """No parameters."""


class OfDevice(Ask):
    device_id: UUID


class OfCode(Ask):
    access_code_id: UUID
    sync: bool = False
    device_id: UUID | None = None


class FindDevice(Ask):
    """By id, or by name."""

    device_id: UUID | None = None
    name: Text | None = None


class FindCode(Ask):
    """By id, or by the digits on a device; the seeds' examples also find one by its name."""

    access_code_id: UUID | None = None
    device_id: UUID | None = None
    code: Pin | None = None
    name: Text | None = None


class Page(Ask):
    limit: int = Field(MOST_LISTED, ge=1, le=MOST_LISTED)
    page_cursor: Annotated[str, Field(max_length=200)] | None = None


class ListCodes(Page):
    device_id: UUID | None = None
    access_code_ids: list[UUID] | None = None
    search: Text | None = None
    user_identifier_key: Text | None = None
    customer_key: Text | None = None
    access_grant_id: UUID | None = None
    access_grant_key: Text | None = None
    access_method_id: UUID | None = None


class ListUnmanaged(Page):
    device_id: UUID
    search: Text | None = None
    user_identifier_key: Text | None = None


class Options(Ask):
    """What creating and changing a code have in common."""

    name: Name | None = None
    code: Pin | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    prefer_native_scheduling: bool | None = None
    preferred_code_length: int | None = Field(None, ge=4, le=12)
    use_backup_access_code_pool: bool | None = None
    attempt_for_offline_device: bool = True
    is_external_modification_allowed: bool | None = None


class OneDoor(Options):
    is_offline_access_code: bool | None = None
    is_one_time_use: bool = False
    max_time_rounding: Literal["1hour", "1day", "1h", "1d"] = "1hour"
    type: Literal["ongoing", "time_bound"] | None = None
    sync: bool = False


class CreateCode(OneDoor):
    device_id: UUID
    common_code_key: Text | None = None


class CreateCodes(Options):
    device_ids: list[UUID] = Field(min_length=1, max_length=500)
    behavior_when_code_cannot_be_shared: Literal["throw", "create_random_code"] = "throw"


class UpdateCode(OneDoor):
    access_code_id: UUID
    device_id: UUID | None = None
    is_managed: bool = True


class UpdateCodes(Ask):
    common_code_key: Text = Field(min_length=1)
    name: Name | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None


class ReportConstraints(Ask):
    device_id: UUID
    supported_code_lengths: list[Annotated[int, Field(ge=4, le=20)]] | None = Field(None, max_length=17)
    min_code_length: int | None = Field(None, ge=4, le=20)
    max_code_length: int | None = Field(None, ge=4, le=20)


class Convert(Ask):
    access_code_id: UUID
    is_external_modification_allowed: bool | None = None
    force: bool = False
    sync: bool = False


class UpdateUnmanaged(Convert):
    is_managed: bool


class MakeUnmanaged(Ask):
    device_id: UUID
    code: Annotated[str, Field(pattern=r"^[0-9]{4,8}$")]
    name: Name


class TypeCode(Ask):
    device_id: UUID
    code: Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]


class ListDevices(Page):
    device_ids: list[UUID] | None = None
    search: Text | None = None
    device_type: Text | None = None
    device_types: list[Text] | None = None
    manufacturer: Text | None = None
    connected_account_id: UUID | None = None
    connected_account_ids: list[UUID] | None = None
    created_before: Moment | None = None
    custom_metadata_has: Metadata | None = None
    connect_webview_id: UUID | None = None
    customer_key: Text | None = None
    space_id: UUID | None = None
    unstable_location_id: UUID | None = None
    user_identifier_key: Text | None = None
    include_if: list[Text] | None = None
    exclude_if: list[Text] | None = None


class UpdateDevice(Ask):
    device_id: UUID
    name: Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_plain)] | None = None
    custom_metadata: Metadata | None = None
    backup_access_code_pool_enabled: bool | None = None
    is_managed: Literal[True] = True


class OnDevice(OfDevice):
    sync: bool = False


class FindEvent(Ask):
    event_id: UUID | None = None
    event_type: Text | None = None
    device_id: UUID | None = None


class ListEvents(Ask):
    since: Moment | None = None
    between: list[Moment] | None = Field(None, min_length=2, max_length=2)
    device_id: UUID | None = None
    device_ids: list[UUID] | None = None
    access_code_id: UUID | None = None
    access_code_ids: list[UUID] | None = None
    event_ids: list[UUID] | None = None
    event_type: Text | None = None
    event_types: list[Text] | None = None
    connected_account_id: UUID | None = None
    limit: int = Field(500, ge=1, le=10_000)
    unstable_offset: int = Field(0, ge=0, le=10_000_000)


class FindAttempt(Ask):
    action_attempt_id: UUID


class ListAttempts(Page):
    action_attempt_ids: list[UUID] | None = None
    device_id: UUID | None = None


class OfWebhook(Ask):
    webhook_id: UUID


class CreateWebhook(Ask):
    url: Annotated[str, Field(max_length=2000), AfterValidator(_plain)]
    event_types: list[Text] = Field(["*"], max_length=200)


class UpdateWebhook(OfWebhook):
    event_types: list[Text] = Field(max_length=200)


# What comes out. More fields than these may come with time.


class Told(Schema):
    model_config = ConfigDict(extra="allow")


class Failure(Told):
    """An answer other than 200; `type` is to branch on."""

    error: dict[str, Any]


class AccessCode(Told):
    access_code_id: UUID
    device_id: UUID
    workspace_id: UUID
    code: str | None
    common_code_key: str | None
    name: str | None
    type: Literal["ongoing", "time_bound"]
    status: Literal["setting", "set", "unset", "removing", "unknown"]
    display_status: str
    starts_at: str | None
    ends_at: str | None
    created_at: str
    errors: list[dict[str, Any]]
    warnings: list[dict[str, Any]]
    pending_mutations: list[dict[str, Any]]
    is_managed: Literal[True]
    is_backup: bool
    is_backup_access_code_available: bool
    is_external_modification_allowed: bool
    is_offline_access_code: bool
    is_one_time_use: bool
    is_scheduled_on_device: bool
    is_waiting_for_code_assignment: bool
    pulled_backup_access_code_id: UUID | None


class UnmanagedAccessCode(Told):
    access_code_id: UUID
    device_id: UUID
    workspace_id: UUID
    code: str | None
    name: str | None
    type: Literal["ongoing", "time_bound"]
    status: Literal["set", "unset"]
    starts_at: str | None
    ends_at: str | None
    created_at: str
    errors: list[dict[str, Any]]
    warnings: list[dict[str, Any]]
    is_managed: Literal[False]


class Device(Told):
    device_id: UUID
    workspace_id: UUID
    connected_account_id: UUID
    device_type: str
    capabilities_supported: list[str]
    properties: dict[str, Any]
    errors: list[dict[str, Any]]
    warnings: list[dict[str, Any]]
    is_managed: bool
    custom_metadata: dict[str, Any]


class Event(Told):
    event_id: UUID
    event_type: str
    workspace_id: UUID
    created_at: str
    occurred_at: str


class Attempt(Told):
    action_attempt_id: UUID
    action_type: str
    status: Literal["pending", "success", "error"]
    result: dict[str, Any] | None
    error: dict[str, Any] | None


class Pagination(Schema):
    has_next_page: bool
    next_page_cursor: str | None
    next_page_url: str | None


class Done(Told):
    ok: Literal[True]


class GivesCode(Done):
    access_code: AccessCode


class GivesPulled(GivesCode):
    backup_access_code: AccessCode


class GivesAsked(GivesCode):
    action_attempt: Attempt


class GivesAttempt(Done):
    action_attempt: Attempt


class GivesAttempts(Done):
    action_attempts: list[Attempt]
    pagination: Pagination


class GivesCodes(Done):
    access_codes: list[AccessCode]


class GivesCodePage(GivesCodes):
    pagination: Pagination


class GivesGenerated(Done):
    generated_code: dict[str, Any]


class GivesUnmanaged(Done):
    access_code: UnmanagedAccessCode


class GivesUnmanagedPage(Done):
    access_codes: list[UnmanagedAccessCode]
    pagination: Pagination


class GivesDevice(Done):
    device: Device


class GivesLock(GivesDevice):
    lock: Device


class GivesDevicePage(Done):
    devices: list[Device]
    pagination: Pagination


class GivesLockPage(GivesDevicePage):
    locks: list[Device]


class GivesEvent(Done):
    event: Event


class GivesEvents(Done):
    events: list[Event]


class Workspace(Told):
    workspace_id: UUID
    name: str
    is_sandbox: bool


class GivesWorkspace(Done):
    workspace: Workspace


class GivesWorkspaces(Done):
    workspaces: list[Workspace]


class Webhook(Told):
    webhook_id: UUID
    url: str
    event_types: list[str]
    secret: str


class GivesWebhook(Done):
    webhook: Webhook


class GivesWebhooks(Done):
    webhooks: list[Webhook]
