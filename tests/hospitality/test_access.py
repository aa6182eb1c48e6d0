"""Who may enter what: every address of the house by every kind of visitor."""

import itertools
import uuid
from dataclasses import dataclass
from datetime import date

import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.test import RequestFactory
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from hospitality import access
from hospitality.models import Role
from locks import connecting
from reservations import guest_link
from reservations.imports.models import ImportUpload
from tests.factories import (
    AccessCodeFactory,
    AccessGrantFactory,
    ApiKeyFactory,
    CalendarEventFactory,
    CalendarFeedFactory,
    ClosureFactory,
    CompanionFactory,
    ConnectionFactory,
    DeliveryAttemptFactory,
    FeedTokenFactory,
    FoundDeviceFactory,
    HandoverFactory,
    InvitationFactory,
    LockFactory,
    MembershipFactory,
    MessageFactory,
    MessageRuleFactory,
    MessageTemplateFactory,
    NoteFactory,
    PropertyFactory,
    RoomFactory,
    StaffCodeFactory,
    StayFactory,
    UserFactory,
    WebhookFactory,
    now,
)

DESK, OWNER, MANAGER, HOUSEKEEPING = Role.DESK, Role.OWNER, Role.MANAGER, Role.HOUSEKEEPING
VISITORS = ("anonymous", "stranger", "outsider", "desk", "owner", "housekeeping", "manager")


@dataclass(frozen=True)
class Rule:
    """`roles`: who may besides the manager. `get` and `post`: what those get; None: see `get_any`, `post_any`.

    An address without roles is for everybody: `get_any` and `post_any` are the answers by visitor, the one under
    "*" for all others."""

    roles: tuple[Role, ...] = ()
    get: int = 200
    post: int = 405
    get_any: dict | None = None
    post_any: dict | None = None


HOME = {"anonymous": 302, "stranger": 200, "*": 302}
DESK_PAGE = Rule((DESK,))
DESK_FORM = Rule((DESK,), 200, 422)
VERB = Rule((DESK,), 302, 302)
RULES = {
    "home": Rule(get_any=HOME, post_any={"anonymous": 302, "*": 405}),
    "login": Rule(get_any={"anonymous": 200, "*": 302}, post_any={"anonymous": 200, "*": 302}),
    "logout": Rule(get_any={"*": 405}, post_any={"*": 302}),
    "keys": Rule(get_any={"anonymous": 302, "*": 200}, post_any={"anonymous": 302, "*": 405}),
    "first_manager": Rule(get_any={"*": 410}, post_any={"*": 410}),
    "invitation": Rule(get_any={"*": 410}, post_any={"*": 410}),
    "new_house": Rule(get_any={"anonymous": 302, "*": 403}, post_any={"anonymous": 302, "*": 403}),
    "set_up": Rule((MANAGER,)),
    "set_up_next": Rule((MANAGER,), 302),
    "put_set_up_away": Rule((MANAGER,), 405, 409),
    "settings": Rule((MANAGER,)),
    "save_settings": Rule((MANAGER,), 405, 422),
    "people": Rule((MANAGER,)),
    "invite": Rule((MANAGER,), 405, 422),
    "invite_again": Rule((MANAGER,), 405, 302),
    "withdraw_invitation": Rule((MANAGER,), 405, 302),
    "change_role": Rule((MANAGER,), 405, 422),
    "password_link": Rule((MANAGER,), 405, 302),
    "end_membership": Rule((MANAGER,), 405, 422),
    "rooms_settings": Rule((MANAGER,)),
    "preview_rooms": Rule((MANAGER,), 405, 422),
    "make_rooms": Rule((MANAGER,), 405, 422),
    "remove_room": Rule((MANAGER,), 405, 409),
    "room_settings": Rule((MANAGER,), 200, 422),
    "accounts": Rule((MANAGER,)),
    "use_simulator": Rule((MANAGER,), 405, 422),
    "add_account": Rule((MANAGER,), 405, 422),
    "ask_account": Rule((MANAGER,), 405, 302),
    "make_doors": Rule((MANAGER,), 405, 404),
    "renew_account": Rule((MANAGER,), 405, 422),
    "remove_account": Rule((MANAGER,), 405, 409),
    "programs": Rule((MANAGER,)),
    "make_api_key": Rule((MANAGER,), 302, 422),
    "revoke_api_key": Rule((MANAGER,), 200, 302),
    "make_webhook": Rule((MANAGER,), 200, 422),
    "outgoing_webhook": Rule((MANAGER,)),
    "webhook_secret": Rule((MANAGER,), 302, 200),
    "change_webhook": Rule((MANAGER,), 405, 422),
    "remove_webhook": Rule((MANAGER,), 200, 302),
    "send_again": Rule((MANAGER,), 405, 302),
    "send_all_again": Rule((MANAGER,), 405, 302),
    "place_locks": Rule((OWNER,), 405, 422),
    "hanging": Rule((OWNER,), 200, 422),
    "favicon": Rule(get_any={"*": 302}, post_any={"*": 302}),
    "set_language": Rule(get_any={"*": 302}, post_any={"*": 302}),
    "healthz": Rule(get_any={"*": 503}, post_any={"*": 405}),
    "webhook": Rule(get_any={"*": 405}, post_any={"*": 400}),
    "live": Rule((DESK, OWNER, HOUSEKEEPING), 204),
    "locks": Rule((DESK, OWNER)),
    "lock": Rule((DESK, OWNER)),
    "dashboard": Rule(
        get_any={"anonymous": 302, "stranger": 404, "desk": 403, "housekeeping": 403, "*": 200},
        post_any={"anonymous": 302, "*": 405},
    ),
    "dashboard_live": Rule(
        get_any={"anonymous": 302, "stranger": 404, "desk": 403, "housekeeping": 403, "*": 204},
        post_any={"anonymous": 302, "*": 405},
    ),
    "staff": Rule((DESK, OWNER)),
    "make_staff_code": Rule((OWNER,), 302, 422),
    "staff_pin": Rule((OWNER,), 302, 200),
    "staff_off": Rule((OWNER,), 200, 302),
    "pool": Rule((OWNER,), 200, 422),
    "backups": Rule((OWNER,)),
    "make_backups": Rule((OWNER,), 302, 422),
    "rotate_backup": Rule((OWNER,), 302, 302),
    "retire_backup": Rule((OWNER,), 302, 302),
    "keep_backup": Rule((OWNER,), 302, 422),
    "end_backup": Rule((OWNER,), 302, 302),
    "give_backup": Rule((OWNER,), 200, 422),
    "code": Rule((OWNER,)),
    "adopt": Rule((OWNER,), 200, 302),
    "remove_code": Rule((OWNER,), 200, 302),
    "board": DESK_PAGE,
    "stay": DESK_PAGE,
    "stay_row": Rule((DESK,), 302),
    "book": DESK_FORM,
    "check_in": Rule((DESK,), 200, 302),
    "check_out": Rule((DESK,), 302, 422),
    "change_stay": VERB,
    "preview_change": VERB,
    "swap_rooms": DESK_FORM,
    "reinstate": Rule((DESK,), 422, 409),
    "undo_check_in": Rule((DESK,), 422, 409),
    "undo_check_out": Rule((DESK,), 422, 422),
    "cancel_stay": Rule((DESK,), 200, 302),
    "no_show": Rule((DESK,), 200, 302),
    "pin": Rule((DESK,), 302, 200),
    "backup": Rule((DESK,), 302, 422),
    "show_backup": Rule((DESK,), 302, 422),
    "door_pin": Rule((DESK,), 302, 422),
    "offline_code": Rule((DESK,), 422, 422),
    "print": DESK_PAGE,
    "print_list": DESK_PAGE,
    "registration_card": Rule((DESK,), 200, 200),
    "envelopes": DESK_PAGE,
    "draw_envelopes": Rule((MANAGER,), 405, 422),
    "envelopes_again": Rule((MANAGER,), 405, 200),
    "envelope": Rule((DESK,), 200, 422),
    "training": Rule((MANAGER,), 502),
    "training_lock": Rule((MANAGER,), 502, 502),
    "handover": Rule((DESK,), 200, 409),
    "signed_handover": DESK_PAGE,
    "notes": DESK_FORM,
    "note_done": Rule((DESK,), 405, 302),
    "stay_notes": Rule((DESK,), 302, 422),
    "stay_note_done": Rule((DESK,), 405, 302),
    "cannot_get_in": DESK_PAGE,
    "search": DESK_PAGE,
    "tonight": DESK_PAGE,
    "rescue": DESK_PAGE,
    "unlock": Rule((DESK,), 405, 422),
    "helped": Rule((DESK,), 405, 302),
    "guest": Rule(get_any={"*": 200}, post_any={"*": 405}),
    "guest_cannot_get_in": Rule(get_any={"*": 405}, post_any={"*": 302}),
    "new_pin": DESK_FORM,
    "check_in_all": Rule((DESK,), 405, 302),
    "check_out_all": Rule((DESK,), 405, 302),
    "split_stay": DESK_FORM,
    "share_code": Rule((DESK,), 422, 422),
    "stop_sharing": Rule((DESK,), 422, 409),
    "shared_pin": Rule((DESK,), 302, 422),
    "add_companion": DESK_FORM,
    "companion_code": Rule((DESK,), 405, 302),
    "companion_off": Rule((DESK,), 200, 302),
    "companion_pin": Rule((DESK,), 302, 422),
    "reach": DESK_FORM,
    "message_again": Rule((DESK,), 200, 422),
    "messages": Rule((MANAGER,)),
    "message_settings": Rule((MANAGER,), 405, 422),
    "new_message_text": Rule((MANAGER,), 200, 422),
    "message_text": Rule((MANAGER,), 200, 422),
    "message_preview": Rule((MANAGER,), 200, 200),
    "delete_message_text": Rule((MANAGER,), 405, 302),
    "new_message_rule": Rule((MANAGER,), 405, 422),
    "delete_message_rule": Rule((MANAGER,), 405, 302),
    "new_locks": Rule((OWNER,)),
    "place_lock": Rule((OWNER,), 302, 422),
    "tape": DESK_PAGE,
    "move_stay": Rule((DESK,), 200, 200),
    "walk_in": DESK_FORM,
    "wait": VERB,
    "stop_waiting": VERB,
    "rooms": Rule((DESK, HOUSEKEEPING)),
    "mark_room": Rule((DESK, HOUSEKEEPING), 302, 400),
    "room": DESK_PAGE,
    "close_room": Rule((DESK,), 302, 422),
    "reopen_room": Rule((DESK,), 302, 302),
    "feeds": DESK_PAGE,
    "feed_cancel": Rule((DESK,), 302, 409),
    "feed_keep": Rule((DESK,), 405, 302),
    "feed_leave": Rule((DESK,), 405, 302),
    "feed_follow": Rule((DESK,), 302, 302),
    "feed_settings": Rule((MANAGER,), 405, 422),
    "add_calendar": Rule((MANAGER,), 405, 422),
    "read_calendar": Rule((MANAGER,), 405, 302),
    "remove_calendar": Rule((MANAGER,), 405, 302),
    "renew_hook_secret": Rule((MANAGER,), 405, 200),
    "drop_hook_secret": Rule((MANAGER,), 405, 302),
    "make_feed_token": Rule((MANAGER,), 405, 422),
    "renew_feed_token": Rule((MANAGER,), 405, 200),
    "revoke_feed_token": Rule((MANAGER,), 405, 302),
    "reservations_hook": Rule(get_any={"*": 405}, post_any={"*": 404}),
    "arrivals_feed": Rule(get_any={"*": 401}, post_any={"*": 405}),
    "import": DESK_FORM,
    "import_preview": Rule((DESK,), 410),
    "import_columns": Rule((DESK,), 410, 410),
    "import_units": Rule((DESK,), 405, 409),
    "import_apply": Rule((DESK,), 405, 409),
    "import_discard": Rule((DESK,), 405, 302),
}


API = ("api/", "")
"""The calls stand under /api, and without it."""
APART = ("admin/", *API)
OF_SETTINGS = ("invitation_id", "username", "account_id")
BACKUP = [name for name in RULES if name.endswith("_backup") and name != "show_backup"]


def addresses(patterns=None, prefix="") -> list[tuple[str, str]]:
    """(name, route) of every address, the administration's and the API's apart."""
    found = []
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            found.append((entry.name, route))
        elif patterns is not None or route not in APART:
            found += addresses(entry.url_patterns, route)
    return found


def calls() -> list[str]:
    """The path of every call of the API."""
    roots = [entry for entry in get_resolver().url_patterns if isinstance(entry, URLResolver)]
    of_api = [entry for entry in roots if str(entry.pattern) in API]
    there = [address for entry in of_api for address in addresses(entry.url_patterns, f"/{entry.pattern}")]
    routes = {route for name, route in there if name == "view"}
    assert len(routes) > 40
    return sorted(routes)


def administration(patterns=None, prefix="") -> list[str]:
    """Every address of the administration, with something in place of its parameters."""
    found = []
    for entry in admin.site.urls[0] if patterns is None else patterns:
        if isinstance(entry, URLPattern):
            found.append(prefix + str(entry.pattern))
        else:
            found += administration(entry.url_patterns, prefix + str(entry.pattern))
    return found


@pytest.fixture
def house(db, client, settings, monkeypatch):
    """A property with one of everything, and each kind of visitor to sign in as. No simulator comes along."""
    settings.SIMULATOR_PORT = 7
    monkeypatch.setattr(connecting, "PATIENCE", 0)
    hotel = PropertyFactory(slug="ours")
    ids, of_address = furnished(hotel)

    def visit(visitor: str):
        if visitor == "outsider":
            client.force_login(MembershipFactory(role=MANAGER).user)
        elif visitor == "stranger":
            client.force_login(UserFactory())
        elif visitor != "anonymous":
            client.force_login(MembershipFactory(property=hotel, role=visitor).user)
        return client

    visit.client, visit.ids, visit.of_address, visit.hotel = client, ids, of_address, hotel
    return visit


def furnished(hotel) -> tuple[dict, dict]:
    """Give the property one of everything: what stands for each parameter of an address, and of one address only."""
    account = ConnectionFactory(property=hotel)
    room = RoomFactory(property=hotel, name="201")
    lock = LockFactory(connection=account, rooms=[room])
    grant = AccessGrantFactory(property=hotel)
    AccessCodeFactory(lock=lock, grant=grant, present=True)
    stranger = AccessCodeFactory(lock=lock, grant=None, is_managed=False, present=True)
    adopted = AccessCodeFactory(lock=lock, grant=None, present=True)
    backup = AccessCodeFactory(lock=lock, backup=True)
    stay = StayFactory(property=hotel, room=room, grant=grant)
    delivery = DeliveryAttemptFactory(delivery__webhook__property=hotel, delivery__state="dead").delivery
    ids = {
        "slug": hotel.slug,
        "invitation_id": InvitationFactory(property=hotel).public_id,
        "username": MembershipFactory(property=hotel).user.username,
        "account_id": account.public_id,
        "provider": "virtual",
        "section": "house",
        "stay_id": stay.public_id,
        "room_id": room.public_id,
        "closure_id": ClosureFactory(room=room, begins=date(2099, 1, 1)).public_id,
        "lock_id": lock.public_id,
        "code_id": stranger.public_id,
        "device_id": FoundDeviceFactory(connection=account).public_id,
        "upload_id": uuid.uuid4(),
        "connection_id": account.public_id,
        "token": guest_link.token(stay),
        "text_id": MessageTemplateFactory(property=hotel).public_id,
        "rule_id": MessageRuleFactory(property=hotel, name="Something else").public_id,
        "message_id": MessageFactory(stay=stay, state="sent").public_id,
        "note_id": NoteFactory(stay__property=hotel).public_id,
        "companion_id": CompanionFactory(stay=stay).public_id,
        "staff_id": StaffCodeFactory(property=hotel).public_id,
        "handover_id": HandoverFactory(property=hotel).public_id,
        "feed_id": CalendarFeedFactory(room=room).public_id,
        "event_id": CalendarEventFactory(feed__room=RoomFactory(property=hotel, name="202")).public_id,
        "token_id": FeedTokenFactory(property=hotel).public_id,
        "key_id": ApiKeyFactory(property=hotel).public_id,
        "webhook_id": delivery.webhook.public_id,
        "delivery_id": delivery.public_id,
        "property_id": hotel.public_id,
        "which": "arrivals",
    }
    of_address = {"remove_code": {"code_id": adopted.public_id}}
    sealed = AccessCodeFactory(lock=lock, backup=True, handed_out_at=now(), sealed_at=now())
    of_address["envelope"] = {"code_id": sealed.public_id}
    of_address |= dict.fromkeys(BACKUP, {"code_id": backup.public_id})
    return ids, of_address


def path_of(name: str, route: str, ids: dict) -> str:
    return reverse(name, kwargs={key: value for key, value in ids.items() if f":{key}>" in route})


def expected(rule: Rule, visitor: str, method: str) -> int:
    if not rule.roles:
        answers = rule.get_any if method == "get" else rule.post_any
        return answers.get(visitor, answers.get("*"))
    if visitor == "anonymous":
        return 302
    answer = rule.get if method == "get" else rule.post
    if answer == 405:
        return 405  # a method that nobody may use here is refused to everybody alike
    if visitor in ("stranger", "outsider"):
        return 404
    return answer if visitor == MANAGER or visitor in rule.roles else 403


def test_every_address_has_a_rule():
    names = {name for name, _ in addresses()}
    assert names == set(RULES)


@pytest.mark.parametrize(("name", "route"), addresses(), ids=[name for name, _ in addresses()])
def test_every_address_answers_every_visitor_by_its_rule(house, name, route):
    path = path_of(name, route, house.ids | house.of_address.get(name, {}))
    cases = list(itertools.product(VISITORS, ("get", "post")))
    answers = {(visitor, method): answered(house, visitor, method, path) for visitor, method in cases}
    assert answers == {(visitor, method): expected(RULES[name], visitor, method) for visitor, method in cases}


def answered(house, visitor: str, method: str, path: str) -> int:
    """The status that this visitor gets; what the request changed is taken back."""
    with transaction.atomic():
        house.client.logout()
        answer = getattr(house(visitor), method)(path)
        transaction.set_rollback(True)
    return answer.status_code


@pytest.mark.parametrize(("name", "route"), addresses(), ids=[name for name, _ in addresses()])
def test_nothing_of_another_property_is_found_through_ones_own(house, name, route):
    if not any(
        f":{key}>" in route
        for key in (
            "stay_id",
            "room_id",
            "lock_id",
            "device_id",
            "upload_id",
            "text_id",
            "rule_id",
            "note_id",
            "companion_id",
            "handover_id",
            "feed_id",
            "event_id",
            "token_id",
            "staff_id",
            "key_id",
            "webhook_id",
            *OF_SETTINGS,
        )
    ):
        return
    elsewhere = PropertyFactory()
    lock = LockFactory(connection=ConnectionFactory(property=elsewhere))
    manager = MembershipFactory(property=house.hotel, role=MANAGER).user
    upload = ImportUpload(property=elsewhere, user=manager, file_name="list.csv", created_at=now())
    upload.content = "kept for another house"
    upload.save()
    theirs = {
        "invitation_id": InvitationFactory(property=elsewhere).public_id,
        "username": MembershipFactory(property=elsewhere).user.username,
        "account_id": lock.connection.public_id,
        "stay_id": StayFactory(property=elsewhere).public_id,
        "room_id": RoomFactory(property=elsewhere).public_id,
        "lock_id": lock.public_id,
        "device_id": FoundDeviceFactory(connection=lock.connection).public_id,
        "upload_id": upload.public_id,
        "text_id": MessageTemplateFactory(property=elsewhere).public_id,
        "rule_id": MessageRuleFactory(property=elsewhere).public_id,
        "note_id": NoteFactory(stay__property=elsewhere).public_id,
        "companion_id": CompanionFactory(stay__property=elsewhere).public_id,
        "staff_id": StaffCodeFactory(property=elsewhere).public_id,
        "handover_id": HandoverFactory(property=elsewhere).public_id,
        "feed_id": CalendarFeedFactory(room__property=elsewhere).public_id,
        "event_id": CalendarEventFactory(feed__room__property=elsewhere).public_id,
        "token_id": FeedTokenFactory(property=elsewhere).public_id,
        "key_id": ApiKeyFactory(property=elsewhere).public_id,
        "webhook_id": WebhookFactory(property=elsewhere).public_id,
    }
    client = house("anonymous")
    client.force_login(manager)
    for method in ("get", "post"):
        answer = getattr(client, method)(path_of(name, route, house.ids | theirs))
        assert answer.status_code in (404, 405, 409, 410) or (
            name == "import_discard" and answer.status_code == 302
        )
    assert ImportUpload.objects.filter(pk=upload.pk).exists()


@pytest.mark.parametrize("visitor", VISITORS)
def test_the_administration_is_for_staff(house, visitor):
    client = house(visitor)
    for route in administration():
        path = "/admin/" + route.replace("<path:object_id>", "1").replace("<str:app_label>", "locks")
        path = path.replace("<path:content_type_id>", "1").replace("<int:content_type_id>", "1")
        if "^" in path or "(" in path or path in ("/admin/login/", "/admin/logout/"):
            continue
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) in (
            (302, "/admin/login/"),
            (301, f"{path}/"),
            (302, f"{path}change/"),
        ), path


@pytest.mark.parametrize("visitor", VISITORS)
def test_the_api_is_for_keys_and_no_session_opens_it(house, visitor):
    client = house(visitor)
    for path in calls():
        answers = [getattr(client, method)(path) for method in ("get", "post", "put", "patch", "delete")]
        assert {answer.status_code for answer in answers} <= {401, 405}, path
        assert 401 in {answer.status_code for answer in answers}, path


def test_a_visitor_comes_back_to_the_page_after_signing_in(house):
    answer = house("anonymous").get("/p/ours/?day=2026-11-22")
    assert answer.headers["Location"] == "/sign-in/?next=/p/ours/%3Fday%3D2026-11-22"


def test_a_fragment_for_a_visitor_sends_the_whole_page_to_sign_in(house):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/p/ours/?day=2026-11-22"}
    answer = house("anonymous").get(f"/p/ours/stays/{house.ids['stay_id']}/row/", headers=headers)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/sign-in/?next=/p/ours/%3Fday%3D2026-11-22"
    assert answer.content == b""


def test_the_refusal_names_the_role_and_who_can_help(house):
    page = house("owner").get("/p/ours/").content.decode()
    assert "device owner" in page
    assert "ask a manager" in page


def test_a_superuser_is_no_member(house, admin_client):
    assert admin_client.get("/p/ours/").status_code == 404


def test_a_membership_that_was_taken_away_is_gone_at_once(house):
    client = house("desk")
    assert client.get("/p/ours/").status_code == 200
    house.hotel.memberships.all().delete()
    assert client.get("/p/ours/").status_code == 404


def test_enter_lets_the_manager_do_what_the_others_may(house):
    request = RequestFactory().get("/")
    request.user = MembershipFactory(property=house.hotel, role=MANAGER).user
    assert access.enter(request, "ours", DESK) == house.hotel
    assert access.enter(request, "ours", OWNER) == house.hotel
    assert request.role == MANAGER


def test_enter_refuses_another_role_and_does_not_know_another_house(house):
    request = RequestFactory().get("/")
    request.user = MembershipFactory(property=house.hotel, role=OWNER).user
    with pytest.raises(PermissionDenied):
        access.enter(request, "ours", DESK)
    with pytest.raises(Http404):
        access.enter(request, PropertyFactory().slug)
