"""A storm's result as lines to read: ratios first, for they travel from one machine to another."""

from collections.abc import Iterator

from tests.bench.storm import AT_ONCE, Result


def lines(result: Result) -> Iterator[str]:
    storm, calls, visits = result.storm, result.calls, result.visits
    yield f"check-out storm: {storm.locks:,} codes on {storm.locks:,} locks" + _circumstances(result)
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in sorted(calls["kinds"].items()))
    yield f"  provider calls     {calls['calls']:,}, {calls['calls'] / storm.locks:.1f} a code ({kinds})"
    yield f"  a call             {result.latency:.3f} s on average, at the simulator"
    yield f"  limit              {AT_ONCE} calls at once / {result.latency:.3f} s = {result.limit:,.0f} calls/s"
    yield f"  achieved           {result.rate:,.0f} calls/s = {result.share:.0%} of the limit"
    yield f"  at once            at most {calls['most_at_once']}, on one lock {calls['most_at_once_on_one_lock']}"
    delays = ", ".join(f"{share:.0%} {result.delay(share):.1f} s" for share in (0.5, 0.99, 1))
    yield f"  doors free         {delays} after the codes' end (first {result.freed[0]:.1f} s)"
    yield f"  rows say so        all {result.confirmed:.1f} s after"
    for name, spent in result.processor.items():
        yield (
            f"  {name:18} {1000 * spent['all'] / visits:.1f} ms of processor time a visit, "
            f"{spent['all'] / result.seconds:.0%} of a core (its busiest process {spent['busiest'] / result.seconds:.0%})"
        )
    counted = result.transactions
    yield (
        f"  database           {counted.committed / visits:.1f} transactions a visit, "
        f"{counted.rows_written / visits:.1f} rows written, {counted.log_bytes / visits / 1024:.1f} KB of log"
    )


def _circumstances(result: Result) -> str:
    storm = result.storm
    dead = f", {storm.dead:,} locks dead" if storm.dead else ""
    kill = ", one killed half-way" if storm.kill else ""
    return f", {storm.workers} worker{'s' if storm.workers > 1 else ''}{kill}{dead}"
