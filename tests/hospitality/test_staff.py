"""Who works at a house: invited by a link for one person, changed, gone; and never without a manager."""

import re

import pytest
from django.core import mail

from hospitality import clock
from hospitality.models import AuditEntry, Invitation, Membership, Role
from hospitality.setup import staff
from tests.factories import InvitationFactory, MembershipFactory, PropertyFactory, UserFactory
from tests.reservations.behind import behind

PERSON = {
    "name": "Clara Keller",
    "username": "clara",
    "password1": "lake-side-42",
    "password2": "lake-side-42",
}


@pytest.fixture
def manager(client, db):
    membership = MembershipFactory(role=Role.MANAGER, property__name="Seeblick", property__slug="seeblick")
    client.force_login(membership.user)
    return membership


def path(invitation) -> str:
    return "/" + staff.link(invitation).split("/", 3)[3]


def invited(client, **sent) -> Invitation:
    client.post("/p/seeblick/settings/people/invite/", {"name": "Clara Keller", "role": "desk"} | sent)
    return Invitation.objects.get(closed_at=None)


def test_somebody_invited_chooses_their_own_password_and_works_there(client, manager):
    invitation = invited(client)
    page = client.get("/p/seeblick/settings/people/").content.decode()
    assert staff.link(invitation) in page
    assert "<b>Clara Keller</b>" in page
    client.logout()
    assert "Seeblick" in client.get(path(invitation)).content.decode()
    answer = client.post(path(invitation), PERSON, follow=True)
    assert answer.redirect_chain[-1][0] == "/p/seeblick/"
    clara = Membership.objects.get(user__username="clara")
    assert (clara.role, clara.user.is_staff) == (Role.DESK, False)
    assert AuditEntry.objects.filter(action="staff.joined", actor=clara.user).exists()


def test_the_link_is_for_one_person(client, manager):
    address = path(invited(client))
    client.logout()
    client.post(address, PERSON)
    client.logout()
    answer = client.post(address, PERSON | {"username": "other"})
    assert answer.status_code == 410
    assert not Membership.objects.filter(user__username="other").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_follow_it_at_once_one_gets_in():
    token = path(InvitationFactory()).split("/")[2]
    one, two = UserFactory(), UserFactory()
    with pytest.raises(staff.Refused, match="used"):
        behind(lambda: staff.accept(token, one), lambda: staff.accept(token, two))
    assert Membership.objects.get().user == one


def test_an_old_a_withdrawn_and_a_broken_link_open_nothing(client, manager, monkeypatch):
    hotel = manager.property
    withdrawn, old = InvitationFactory(property=hotel), InvitationFactory(property=hotel)
    client.post(f"/p/seeblick/settings/people/invited/{withdrawn.public_id}/withdraw/")
    assert "withdrawn" in client.get(path(withdrawn)).content.decode()
    assert "not whole" in client.get(path(old)[:-4] + "/").content.decode()
    Invitation.objects.filter(pk=old.pk).update(ends_at=clock.now())
    assert "more than a week old" in client.get(path(old)).content.decode()


def test_invited_again_the_first_link_is_good_no_more(client, manager):
    first = invited(client)
    client.post(f"/p/seeblick/settings/people/invited/{first.public_id}/again/")
    second = Invitation.objects.get(closed_at=None)
    assert (second.name, second.role) == (first.name, first.role)
    assert client.get(path(first)).status_code == 410
    assert client.get(path(second)).status_code == 200


def test_who_has_an_account_joins_with_it(client, manager):
    address = path(invited(client, role="owner"))
    user = UserFactory()
    client.force_login(user)
    assert 'name="password1"' not in client.get(address).content.decode()
    client.post(address)
    assert manager.property.memberships.get(user=user).role == Role.OWNER


def test_who_works_there_already_keeps_role_and_the_link_stays_good(client, manager):
    address = path(invited(client))
    answer = client.post(address)
    assert answer.status_code == 410
    assert "You work at Seeblick already" in answer.content.decode()
    assert Invitation.objects.get().closed_at is None


def test_it_goes_out_by_e_mail_where_that_is_set_up(client, manager, settings):
    settings.EMAIL_READY = True
    invitation = invited(client, email="clara@example.org")
    [letter] = mail.outbox
    assert letter.to == ["clara@example.org"]
    assert staff.link(invitation) in letter.body


def test_a_mail_server_that_is_not_there_is_told_and_the_link_is_shown(client, manager, settings):
    settings.EMAIL_READY = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    sent = {"name": "Clara", "role": "desk", "email": "clara@example.org"}
    body = client.post("/p/seeblick/settings/people/invite/", sent, follow=True).content.decode()
    assert "did not go out" in body
    assert staff.link(Invitation.objects.get()) in body


def test_a_house_keeps_a_manager(client, manager):
    me = manager.user.username
    for verb, sent in (("role", {"role": "desk"}), ("end", {"confirmed": "1"})):
        answer = client.post(f"/p/seeblick/settings/people/{me}/{verb}/", sent)
        assert answer.status_code == 409
        assert "the only manager" in answer.content.decode()
    assert Membership.objects.get().role == Role.MANAGER


@pytest.mark.django_db(transaction=True)
def test_two_managers_who_end_each_other_at_once_leave_one():
    hotel = PropertyFactory()
    one, two = (MembershipFactory(property=hotel, role=Role.MANAGER) for _ in range(2))
    with pytest.raises(staff.Refused, match="the only manager"):
        behind(lambda: staff.end(one, by=two.user), lambda: staff.end(two, by=one.user))
    assert list(Membership.objects.all()) == [two]


def test_ending_somebodys_work_names_them_asks_first_and_shuts_them_out(client, manager):
    clara = MembershipFactory(property=manager.property, user__first_name="Clara", user__last_name="Keller")
    page = f"/p/seeblick/settings/people/{clara.user.username}/end/"
    assert "Clara Keller" in client.post(page).content.decode()
    assert Membership.objects.filter(pk=clara.pk).exists()
    client.post(page, {"confirmed": "1"})
    client.force_login(clara.user)
    assert client.get("/p/seeblick/").status_code == 404


def test_another_role_holds_at_once(client, manager):
    clara = MembershipFactory(property=manager.property)
    body = client.get("/p/seeblick/settings/people/").content.decode()
    assert re.search(r'<option value="desk" selected', body)
    client.post(f"/p/seeblick/settings/people/{clara.user.username}/role/", {"role": "owner"})
    clara.refresh_from_db()
    assert clara.role == Role.OWNER


def test_nobody_is_offered_to_end_their_own_work(client, manager):
    other = MembershipFactory(property=manager.property, role=Role.MANAGER)
    ends = [f"people/{one.user.username}/end/" for one in (manager, other)]
    body = client.get("/p/seeblick/settings/people/").content.decode()
    assert [end in body for end in ends] == [False, True]
    answer = client.post(f"/p/seeblick/settings/{ends[0]}", {"confirmed": "1"})
    assert answer.status_code == 409 and "Another manager can" in answer.content.decode()
    assert Membership.objects.filter(pk=manager.pk).exists()
