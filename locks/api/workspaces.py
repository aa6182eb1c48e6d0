"""/workspaces: the house that a key belongs to."""

from locks import simulated
from locks.api import schemas, shapes
from locks.api.wire import Calls
from locks.models import ApiKey

calls = Calls("workspaces")
READ = ApiKey.Scope.READ


@calls.call("get", "GET", "POST", scope=READ, gives=schemas.GivesWorkspace)
def get(key: ApiKey, given: schemas.Nothing) -> dict:
    """This house."""
    house = key.property
    return {"workspace": shapes.workspace(house, house.pk in simulated.training([house]))}
