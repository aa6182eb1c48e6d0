"""django-q2 entry points. They take ids or nothing, load everything themselves and are harmless when run twice."""

from locks import sweep as _sweep


def sweep() -> int:
    """Serve every lock that is due; returns how many visits were made. At most one sweep runs per node."""
    return _sweep.run()
