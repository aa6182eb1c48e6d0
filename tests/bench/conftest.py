"""Benchmarks: `python -m pytest tests/bench -s`, on a machine that does nothing else. They take minutes and a plain
`pytest` leaves them out."""


def pytest_addoption(parser):
    parser.addoption("--locks", type=int, default=10_000, help="locks (and codes) in a check-out storm")
