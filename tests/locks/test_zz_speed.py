import time, cProfile, pstats, itertools
from datetime import timedelta, datetime, UTC
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.locks.conftest import *
from hospitality import clock, live
from locks import wishes

def bench(label, f, n):
    t=time.perf_counter(); c=time.process_time()
    for _ in range(n): f()
    print(f"{label}: wall {(time.perf_counter()-t)/n*1000:.1f} cpu {(time.process_time()-c)/n*1000:.1f} ms")

def test_speed(hotel, monkeypatch):
    import psycopg; print(psycopg.pq.__impl__)
    with connection.cursor() as c:
        for k in ("jit","synchronous_commit","fsync","shared_buffers"): c.execute("show "+k); print(k, c.fetchone())
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC))
    one = hotel.locks["1"]
    bench("grant", lambda: hotel.grant(*hotel.locks.values()), 5)
    hotel.visit(); hotel.visit()
    bench("visit", lambda: hotel.visit(one), 40)
    monkeypatch.setattr(wishes, "async_task", lambda *a: None)
    bench("grant no async", lambda: hotel.grant(*hotel.locks.values()), 5)
    monkeypatch.setattr(live, "announce", lambda *a: None)
    bench("grant no announce", lambda: hotel.grant(*hotel.locks.values()), 5)
    bench("raw", lambda: connection.cursor().execute("select 1"), 200)
    bench("orm", lambda: Lock.objects.get(pk=one.pk), 200)
    bench("orm sr", lambda: Lock.objects.select_related("property","connection").get(pk=one.pk), 200)
    ref=one.provider_ref
    from locks import accounts
    p = accounts.adapter(one.connection)
    bench("device", lambda: p.device(ref), 100)
    bench("codes", lambda: p.codes(ref), 100)
    pr=cProfile.Profile(); pr.enable()
    for _ in range(30): hotel.visit(one)
    pr.disable(); pstats.Stats(pr).sort_stats("tottime").print_stats(35)
