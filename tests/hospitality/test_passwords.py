"""A colleague who has lost the password chooses another by a manager's link; nobody gets further by it than they are."""

import pytest
from django.core import mail
from django.test import Client

from hospitality import clock
from hospitality.models import AuditEntry, Invitation, Role
from hospitality.setup import passwords, staff
from tests.factories import MembershipFactory, UserFactory
from tests.reservations.behind import behind

PAGE = "/p/seeblick/settings/people/"
CHOSEN = {"new_password1": "boat-house-77", "new_password2": "boat-house-77"}


@pytest.fixture
def manager(client, db):
    membership = MembershipFactory(role=Role.MANAGER, property__name="Seeblick", property__slug="seeblick")
    client.force_login(membership.user)
    return membership


@pytest.fixture
def clara(manager):
    return MembershipFactory(property=manager.property, user__username="clara", user__first_name="Clara")


def offered(client, membership):
    """The answer, and the link if there is one."""
    answer = client.post(f"{PAGE}{membership.user.username}/password/", follow=True)
    return answer, Invitation.objects.filter(closed_at=None, renews=membership.user).first()


def path(link) -> str:
    return "/" + staff.link(link).split("/", 3)[3]


def test_by_the_link_a_colleague_chooses_a_password_that_holds_at_once_and_the_link_no_more(
    client, manager, clara
):
    signed_in_before = Client()
    signed_in_before.force_login(clara.user)
    answer, link = offered(client, clara)
    assert staff.link(link) in answer.content.decode()
    theirs = Client()
    assert "clara" in theirs.get(path(link)).content.decode()
    assert theirs.post(path(link), CHOSEN, follow=True).redirect_chain[-1][0] == "/p/seeblick/"
    assert Client().login(username="clara", password=CHOSEN["new_password1"])
    assert signed_in_before.get("/p/seeblick/").status_code == 302, "who was signed in before is out"
    assert theirs.post(path(link), CHOSEN).status_code == 410
    acts = AuditEntry.objects.filter(subject_id=link.public_id).order_by("at")
    assert list(acts.values_list("action", "actor", "detail__person")) == [
        ("staff.password_link_made", manager.user.pk, "clara"),
        ("staff.password_renewed", clara.user.pk, "clara"),
    ]


def test_a_poor_password_is_refused_and_the_link_stays_good(client, manager, clara):
    _, link = offered(client, clara)
    answer = Client().post(path(link), {"new_password1": "clara123", "new_password2": "clara123"})
    assert answer.status_code == 422
    assert Client().get(path(link)).status_code == 200


@pytest.mark.parametrize("change", [{"is_superuser": True}, {"is_staff": True}, {"is_active": False}])
def test_none_for_whoever_administers_the_installation_or_cannot_sign_in(client, manager, change):
    other = MembershipFactory(
        property=manager.property, **{f"user__{name}": on for name, on in change.items()}
    )
    answer, link = offered(client, other)
    assert (answer.status_code, link) == (409, None)
    assert "administers this installation" in answer.content.decode()
    assert f"{other.user.username}/password/" not in client.get(PAGE).content.decode()


def test_none_for_oneself(client, manager):
    answer, link = offered(client, manager)
    assert (answer.status_code, link) == (409, None)


def test_none_for_whoever_works_where_the_manager_is_no_manager(client, manager, clara):
    there = MembershipFactory(user=clara.user)
    mine = MembershipFactory(user=manager.user, property=there.property, role=Role.DESK)
    answer, link = offered(client, clara)
    assert (answer.status_code, link) == (409, None)
    assert "works at another house too" in answer.content.decode()
    mine.role = Role.MANAGER
    mine.save()
    assert offered(client, clara)[1]


def test_a_link_ends_when_the_rule_does_the_work_does_or_a_day_is_over(client, manager, clara):
    _, link = offered(client, clara)
    there = MembershipFactory(user=clara.user)
    assert "another house" in Client().get(path(link)).content.decode()
    assert Client().post(path(link), CHOSEN).status_code == 410
    there.delete()
    assert Client().get(path(link)).status_code == 200
    Invitation.objects.update(ends_at=clock.now())
    assert "more than a day old" in Client().get(path(link)).content.decode()
    _, link = offered(client, clara)
    clara.delete()
    assert Client().post(path(link), CHOSEN).status_code == 410
    assert not Client().login(username="clara", password=CHOSEN["new_password1"])


def test_another_link_or_a_withdrawal_ends_the_one_before(client, manager, clara):
    _, first = offered(client, clara)
    _, second = offered(client, clara)
    assert [Client().get(path(one)).status_code for one in (first, second)] == [410, 200]
    client.post(f"{PAGE}invited/{second.public_id}/withdraw/")
    assert Client().get(path(second)).status_code == 410
    assert client.post(f"{PAGE}invited/{second.public_id}/again/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_it_at_once_one_chooses():
    manager = MembershipFactory(role=Role.MANAGER)
    link = passwords.offer(MembershipFactory(property=manager.property, user=UserFactory()), by=manager.user)
    again = Invitation.objects.select_related("property", "invited_by", "renews").get(pk=link.pk)
    with pytest.raises(staff.Refused, match="used"):
        behind(lambda: passwords.renew(link, "first-one-1"), lambda: passwords.renew(again, "second-one-2"))
    link.renews.refresh_from_db()
    assert link.renews.check_password("first-one-1")


def test_it_goes_out_by_e_mail_where_that_is_set_up(client, manager, settings):
    settings.EMAIL_READY = True
    other = MembershipFactory(property=manager.property, user__email="clara@example.org")
    _, link = offered(client, other)
    [letter] = mail.outbox
    assert letter.to == ["clara@example.org"]
    assert staff.link(link) in letter.body and other.user.username in letter.body
