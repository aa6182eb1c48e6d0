"""A shift by keyboard alone, from the walk-in to the check-out; what each verb does at the doors is read from the
simulator's own log."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OPENED, UNKNOWN, digits, end_at, typed, until_end, until_off, until_on

pytestmark = pytest.mark.browser

GUEST, ALONG, ROOM, OTHER = "Kim Tasten", "Lou Tasten", "103", "204"
"""Both rooms are free today in the sample hotel."""


class Keys:
    """One keyboard; what has the hand is waited for before the next key, as a person would."""

    def __init__(self, desk):
        self.desk, self.page, self.press = desk, desk.page, desk.page.keyboard.press

    def hand_on(self, selector: str) -> None:
        expect(self.page.locator(selector).first).to_be_focused()

    def yes(self, key: str, *, toast: str) -> None:
        """A key that asks, and Enter that answers."""
        self.press(key)
        self.hand_on("#confirm")
        self.press("Enter")
        self.said(toast)

    def said(self, toast: str) -> None:
        """What was done is said, and its dialog is gone."""
        expect(self.page.locator("#toasts")).to_contain_text(toast)
        expect(self.page.get_by_role("dialog")).to_have_count(0)

    def find(self, guest: str) -> None:
        self.press("/")
        self.hand_on("#search-q")
        self.page.keyboard.type(guest)
        expect(self.page.locator("#found .place").first).to_contain_text(guest)
        self.press("ArrowDown")
        self.hand_on("#found .place")
        self.press("Enter")
        expect(self.page.get_by_role("dialog")).to_have_count(0)
        expect(self.page.get_by_role("heading", level=1)).to_have_text(guest)

    def pin(self) -> str:
        """Shown, read, and hidden again."""
        self.press("p")
        read = digits(self.desk)
        self.press("p")
        expect(self.page.locator("#digits")).to_have_count(0)
        return read


def test_a_guest_comes_stays_on_moves_and_leaves_without_a_mouse(demo, desk):
    keys = Keys(desk("clerk"))
    page = keys.page
    keys.desk.board()

    # Walk-in.
    keys.press("w")
    keys.hand_on("#id_guest_name")
    page.keyboard.type(GUEST)
    keys.press("Tab")
    keys.press("Tab")
    keys.hand_on("#id_room")
    page.keyboard.type(ROOM)
    for _ in range(3):
        keys.press("Tab")
    keys.hand_on("#save-walk-in")
    keys.press("Enter")
    page.wait_for_url("**/stays/*/")
    pin = keys.pin()
    until_on(demo, pin, ROOM, "front")
    assert typed(demo, ROOM, pin) == OPENED
    assert typed(demo, OTHER, pin) == UNKNOWN

    # One more night, and not after all.
    usual = end_at(demo, "front", pin)
    keys.yes("+", toast="Stay changed")
    until_end(demo, "front", pin, usual + timedelta(days=1))
    keys.yes("z", toast="Stay changed")
    until_end(demo, "front", pin, usual)

    # Another room; what was read of the doors is saved without another question.
    keys.press("m")
    keys.hand_on("#id_room")
    page.keyboard.type(OTHER)
    expect(page.locator("#change-preview")).to_contain_text(f"Room {OTHER}")
    keys.press("Tab")
    keys.hand_on("#save-change")
    keys.press("Enter")
    expect(page.locator(".stayhead .room")).to_have_text(OTHER)
    until_on(demo, pin, OTHER)
    until_off(demo, pin, ROOM)
    assert (typed(demo, ROOM, pin), typed(demo, OTHER, pin)) == (UNKNOWN, OPENED)

    # A new PIN, and a code for who comes along.
    keys.press("e")
    keys.hand_on("[name=reason]")
    keys.press("Space")
    keys.press("Enter")
    keys.said("has a new PIN")
    new = keys.pin()
    until_on(demo, new, OTHER, "front")
    until_off(demo, pin, OTHER, "front")
    assert (typed(demo, OTHER, pin), typed(demo, OTHER, new)) == (UNKNOWN, OPENED)
    keys.press("&")
    keys.hand_on("#id_name")
    page.keyboard.type(ALONG)
    keys.press("Enter")
    keys.said(f"{ALONG} comes along")
    keys.press("j")
    keys.press("p")
    along = digits(keys.desk)
    until_on(demo, along, OTHER)
    assert typed(demo, OTHER, along) == OPENED

    # Found again, out, back in because it was a mistake, and out.
    keys.find(GUEST)
    keys.yes("o", toast="is checked out")
    until_off(demo, new, OTHER, "front")
    until_off(demo, along, OTHER)
    assert typed(demo, OTHER, new) == UNKNOWN
    keys.yes("z", toast="has not left")
    back = keys.pin()
    until_on(demo, back, OTHER)
    assert typed(demo, OTHER, back) == OPENED
    keys.yes("o", toast="is checked out")
    until_off(demo, back, OTHER)
    assert typed(demo, OTHER, back) == UNKNOWN
