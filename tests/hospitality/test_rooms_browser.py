"""Rooms in a real browser: housekeeping on a telephone, a guest who waits, and the tape chart by key and by hand."""

import pytest
from playwright.sync_api import expect

from hospitality import clock
from hospitality.models import Condition, Room
from reservations.models import Stay
from tests.factories import today
from tests.hospitality.processes import until
from tests.hospitality.test_pages_browser import DAY, PHONE, barriers, browser, hotel, screen, web

__all__ = ["browser", "hotel", "screen", "web"]

pytestmark = pytest.mark.browser


def stay_of(guest) -> Stay:
    return Stay.objects.select_related("room").get(reservation__guest__name=guest)


def test_a_guest_waits_housekeeping_cleans_on_a_telephone_and_the_desk_hears_at_once(screen):
    Room.objects.filter(name="102").update(condition=Condition.DIRTY, condition_at=clock.now())
    desk, phone = screen("desk"), screen("housekeeping", viewport=PHONE)
    row = desk.locator("tr.row", has_text="Bo Lee")
    row.get_by_role("button", name="Check in").click()
    expect(desk.get_by_role("dialog")).to_contain_text("Room 102 is dirty")
    desk.get_by_role("button", name="Put on the queue").click()
    expect(row).to_contain_text("Waiting since")
    first = phone.locator("#rooms .list").first
    expect(first).to_contain_text("A guest waits for it since")
    assert barriers(phone) == []
    assert "Bo Lee" not in phone.content()
    first.get_by_role("button", name="Mark clean").click()
    expect(phone.locator("#toasts")).to_contain_text("102 is clean.")
    expect(row).to_contain_text("Room ready, waiting since")
    row.get_by_role("button", name="Check in").click()
    expect(desk.locator("#in_house tr.row", has_text="Bo Lee")).to_be_visible()


def test_without_javascript_housekeeping_marks_a_room(screen):
    Room.objects.filter(name="102").update(condition=Condition.DIRTY, condition_at=clock.now())
    phone = screen("housekeeping", viewport=PHONE, java_script_enabled=False)
    phone.get_by_role("button", name="Mark clean").click()
    expect(phone.locator("#toasts")).to_contain_text("102 is clean.")
    assert Room.objects.get(name="102").condition == "clean"


def test_on_the_chart_a_stay_is_moved_and_made_longer_by_key_alone(screen, hotel):
    page = screen()
    page.goto("/p/seeblick/tape/")
    assert barriers(page) == []
    page.locator(".bar-stay", has_text="Di Room").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".bar-stay", has_text="Anna Smith")).to_be_focused()
    for key in ("ArrowDown", "m", "ArrowDown", "ArrowDown", "ArrowRight", "Shift+ArrowRight"):
        page.keyboard.press(key)
    begin = today(hotel)
    says = f"Bo Lee: 104, {begin + DAY} to {begin + 4 * DAY}."
    expect(page.locator("#tape-says")).to_have_text(says)
    page.keyboard.press("Escape")
    expect(page.locator(".tape__ghost")).to_have_count(0)
    for key in ("m", "ArrowDown", *["ArrowRight"] * 2, "Shift+ArrowRight", "Enter"):
        page.keyboard.press(key)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Room 103, ")
    expect(dialog).to_contain_text("3 nights.")
    expect(dialog).to_contain_text("Room 102")
    page.get_by_role("button", name="Save the change").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Bo Lee: Room 103")
    expect(page.locator("tr[data-name='103'] .bar-stay", has_text="Bo Lee")).to_be_visible()
    expect(page.locator(".tape__ghost")).to_have_count(0)
    moved = stay_of("Bo Lee")
    assert (moved.room.name, moved.arrival, moved.departure) == ("103", begin + 2 * DAY, begin + 5 * DAY)


def test_on_the_chart_a_stay_is_moved_and_made_longer_by_hand(screen, hotel):
    page = screen()
    page.goto("/p/seeblick/tape/")
    width = until(page.locator("th[data-day]").first.bounding_box, "it is drawn")["width"]

    def drag(what, across, down=0):
        box = until(what.bounding_box, "it is drawn")
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + across, y + down, steps=4)
        page.mouse.up()

    room, other = (
        until(page.locator(f"tr[data-name='{name}']").bounding_box, "it is drawn") for name in ("102", "103")
    )
    cy = page.locator(".bar-stay", has_text="Cy Oh")
    bo = page.locator(".bar-stay", has_text="Bo Lee")
    drag(bo.locator(".bar-stay__end"), 2 * width)
    expect(page.get_by_role("dialog")).to_contain_text("4 nights.")
    page.get_by_role("button", name="Save the change").click()
    expect(page.locator("#toasts")).to_contain_text("4 nights.")
    drag(cy, 0, room["y"] - other["y"])
    expect(page.get_by_role("alert")).to_contain_text("Bo Lee has 102")
    drag(cy, 3 * width)
    expect(page.get_by_role("dialog")).to_contain_text("Room 103, ")
    page.get_by_role("button", name="Leave it").click()
    expect(page.locator(".tape__ghost")).to_have_count(0)
    cy.click()
    page.wait_for_url(f"**/stays/{stay_of('Cy Oh').public_id}/")
    assert stay_of("Cy Oh").arrival == today(hotel)
    assert stay_of("Bo Lee").departure == today(hotel) + 4 * DAY


def test_the_departure_goes_along_with_the_arrival_for_as_many_nights(screen, hotel):
    page = screen()
    page.goto("/p/seeblick/book/")
    begin = today(hotel)
    arrival, departure = page.locator("#id_arrival"), page.locator("#id_departure")
    expect(departure).to_have_value((begin + DAY).isoformat())
    departure.fill((begin + 3 * DAY).isoformat())
    with page.expect_request("**/book/?*") as asked:
        arrival.fill((begin + 7 * DAY).isoformat())
    expect(departure).to_have_value((begin + 10 * DAY).isoformat())
    assert f"departure={begin + 10 * DAY}" in asked.value.url, "the rooms are those of the new days"
    departure.fill((begin + 2 * DAY).isoformat())
    arrival.fill((begin + 8 * DAY).isoformat())
    expect(departure).to_have_value((begin + 9 * DAY).isoformat())
