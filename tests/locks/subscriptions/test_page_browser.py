"""Webhooks in a real browser, with and without JavaScript."""

import pytest
from playwright.sync_api import expect

from locks.models import Delivery, Webhook
from tests.factories import DeliveryAttemptFactory
from tests.hospitality.test_pages_browser import PHONE, browser, hotel, screen, web

__all__ = ["browser", "hotel", "screen", "web"]
pytestmark = pytest.mark.browser


@pytest.mark.parametrize("options", [{}, {"viewport": PHONE}, {"java_script_enabled": False}])
def test_a_webhook_is_made_looked_at_sent_again_and_removed(screen, options):
    page = screen("manager", **options)
    page.goto("/p/seeblick/settings/programs/")
    page.get_by_role("link", name="New webhook").click()
    page.get_by_label("The program's address").fill("https://program.example/hooks")
    page.get_by_role("button", name="Tell it from now on").click()
    expect(page.get_by_role("heading", name="Webhook to program.example")).to_be_visible()
    webhook = Webhook.objects.get()
    page.get_by_role("button", name="Show the secret").click()
    expect(page.locator("#webhook-secret")).to_have_text(webhook.secret)

    DeliveryAttemptFactory(delivery__webhook=webhook, delivery__state="dead", said="Out of order")
    page.get_by_role("link", name="Programs").click()
    page.get_by_role("link", name="1 event given up").click()
    page.get_by_text("1 attempt", exact=True).click()
    expect(page.get_by_text("Out of order")).to_be_visible()
    page.get_by_role("button", name="Send it again").click()
    expect(page.locator("#toasts")).to_contain_text("1 event is sent again.")
    assert Delivery.objects.get().state == "waiting"

    page.get_by_role("link", name="Remove the webhook").click()
    expect(page.get_by_text("It is told nothing any more, what still waits included.")).to_be_visible()
    page.get_by_role("button", name="Remove the webhook").click()
    expect(page.locator("#toasts")).to_contain_text("program.example is told nothing any more.")
    expect(page.get_by_text("No address is told.")).to_be_visible()
