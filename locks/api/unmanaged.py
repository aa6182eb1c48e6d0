"""/access_codes/unmanaged: codes that were found on a lock and not made here, and taking them over."""

from locks import unmanaged
from locks.api import attempts, finding, schemas, shapes
from locks.api.errors import invalid
from locks.api.wire import Calls
from locks.models import ApiKey

calls = Calls("access_codes/unmanaged")
READ, MANAGE = ApiKey.Scope.READ, ApiKey.Scope.MANAGE


@calls.call("get", "GET", "POST", scope=READ, gives=schemas.GivesUnmanaged)
def get(key: ApiKey, given: schemas.FindCode) -> dict:
    """One of them, by id or by its digits on a device."""
    row = finding.named(finding.strangers(key), key, given)
    return {"access_code": shapes.unmanaged(row, shapes.may_tell(key))}


@calls.call("list", "GET", "POST", scope=READ, gives=schemas.GivesUnmanagedPage)
def list_(key: ApiKey, given: schemas.ListUnmanaged) -> dict:
    """Those of a device."""
    rows = finding.strangers(key).filter(lock=finding.door(key, given.device_id))
    if given.user_identifier_key is not None:
        rows = rows.none()
    digits_too = shapes.may_tell(key)
    found, pagination = finding.page(
        finding.search(rows, given.search),
        given,
        lambda row: shapes.unmanaged(row, digits_too),
        "access_codes/unmanaged/list",
    )
    return {"access_codes": found, "pagination": pagination}


@calls.call("convert_to_managed", "PATCH", "POST", scope=MANAGE, gives=schemas.GivesAttempt)
def convert_to_managed(key: ApiKey, given: schemas.Convert) -> dict:
    """Keep the code on its lock as it is there."""
    found = finding.stranger(key, given.access_code_id)
    unmanaged.adopt(
        found,
        by=key.account,
        is_external_modification_allowed=given.is_external_modification_allowed is True,
    )
    return {"action_attempt": attempts.of_conversion(found)}


@calls.call("update", "PATCH", "POST", scope=MANAGE, gives=schemas.GivesAttempt)
def update(key: ApiKey, given: schemas.UpdateUnmanaged) -> dict:
    """The same with `is_managed`: nothing else of such a code can be changed."""
    if not given.is_managed:
        raise invalid(is_managed="Only true changes anything: then the code is taken over.")
    return convert_to_managed(key, given)


@calls.call("delete", "DELETE", "POST", scope=MANAGE, gives=schemas.Done)
def delete(key: ApiKey, given: schemas.OfCode) -> dict:
    """Take a code off its lock that was not made here."""
    unmanaged.delete(finding.stranger(key, given.access_code_id), by=key.account)
    return {}
