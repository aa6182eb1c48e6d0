"""/workspaces: the house that a key belongs to."""

from locks import simulated
from locks.api import schemas, shapes
from locks.api.wire import Calls
from locks.models import ApiKey

calls = Calls("workspaces")
READ = ApiKey.Scope.READ


@calls.call("get", "GET", "POST", scope=READ, gives=schemas.GivesWorkspace)
def get(key: ApiKey, given: schemas.Nothing) -> dict:
    """The house of this key."""
    return {"workspace": _told(key)}


@calls.call("list", "GET", "POST", scope=READ, gives=schemas.GivesWorkspaces)
def list_(key: ApiKey, given: schemas.Nothing) -> dict:
    """The house of this key alone."""
    return {"workspaces": [_told(key)]}


def _told(key: ApiKey) -> dict:
    house = key.property
    return shapes.workspace(house, house.pk in simulated.training([house]))
