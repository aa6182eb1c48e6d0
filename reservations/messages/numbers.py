"""Telephone numbers as people and files write them, brought into the international form. Pure."""

import re

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberMatcher

FROM_ABROAD = re.compile(r"\s*(00(?=[1-9])|\+)")
BARE = re.compile(r"([1-9][0-9]{10,14})(\.0)?")
"""A spreadsheet has made a number of it and taken the + off."""


def parsed(text: str, region: str) -> PhoneNumber | None:
    """The number that `text` is; None for none that exists. `region` (`CH`, or empty): where numbers that name no
    country belong."""
    ways = [(text, region or None)]
    if FROM_ABROAD.match(text):
        ways.append((FROM_ABROAD.sub("+", text, count=1), None))
    for written, where in ways:
        try:
            number = phonenumbers.parse(written, where)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return number
    return None


def names_country(text: str) -> bool:
    """Does it say itself which country it belongs to?"""
    return "+" in text or bool(FROM_ABROAD.match(text))


def dialled(number: PhoneNumber) -> str:
    """`+41791234567`, without an extension: as services take it."""
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def kept(number: PhoneNumber) -> str:
    """`+41445550102 x12`: as it is kept, so that everybody reads the same."""
    return f"{dialled(number)} x{number.extension}" if number.extension else dialled(number)


def meant(text: str, region: str) -> PhoneNumber | None:
    """The number that a file means: the first one among other words, or one whose + a spreadsheet has lost."""
    if number := parsed(text, region):
        return number
    if match := next(iter(PhoneNumberMatcher(text, region or None)), None):
        return match.number
    bare = BARE.fullmatch(text)
    return parsed(f"+{bare[1]}", "") if bare else None


def is_region(text: str) -> bool:
    """Is it a country that numbers can belong to (`CH`)?"""
    return text in phonenumbers.SUPPORTED_REGIONS
