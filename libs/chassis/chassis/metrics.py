"""What a process tells Prometheus: rate, errors and duration of every RPC, and how it is doing itself.

Counters of the relay, the consumers and the jobs stand where they are counted. What is measured from
beside the work is written here by `chassis.vitals`. docs/observability.md says what each is for.
"""

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

_RPC_TOTAL = Counter("louyu_rpc_total", "RPCs answered.", ["rpc", "code", "tenant_class"])
_RPC_SECONDS = Histogram(
    "louyu_rpc_seconds",
    "How long RPCs took.",
    ["rpc"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)

CHECK = Gauge("louyu_check_passing", "1 where a thing that readiness looks at answers.", ["check"])
POOL_IN_USE = Gauge("louyu_pool_in_use", "Database connections in use.")
POOL_SIZE = Gauge("louyu_pool_size", "Database connections that may be in use at once.")
POOL_REFUSED = Counter("louyu_pool_refused_total", "Work given up because no connection came free.")
LOOP_LAG = Gauge("louyu_loop_lag_seconds", "How late the event loop wakes a sleeper.")
TASKS = Gauge("louyu_tasks", "Tasks of the event loop: what is under way, and what waits.")
GRANTS_AGE = Gauge("louyu_grants_age_seconds", "Time since the last good answer of the grants feed.")

OUTBOX = Gauge("louyu_outbox_waiting", "Events in the outbox, counted up to 10,000.")
OUTBOX_OLDEST = Gauge("louyu_outbox_oldest_seconds", "Age of the oldest event in the outbox.")
CONSUMER_LAG = Gauge("louyu_consumer_lag_events", "Events not yet applied.", ["consumer"])
CONSUMER_LAG_SECONDS = Gauge(
    "louyu_consumer_lag_seconds", "How long the first event not yet applied waits, at most.", ["consumer"]
)
LOG_ARCHIVE_FAILING = Gauge(
    "louyu_log_archive_failing", "1 where PostgreSQL could not hand its log to the backup when it last tried."
)
DEAD_LETTERS = Gauge("louyu_dead_letters_waiting", "Events put aside and not yet replayed.", ["consumer"])


def observe_rpc(rpc: str, code: str, tenant_class: str, seconds: float) -> None:
    """Count one answered RPC."""
    _total(rpc, code, tenant_class).inc()
    _seconds(rpc).observe(seconds)


def exposition() -> bytes:
    """All metrics in Prometheus' text format."""
    from prometheus_client import generate_latest

    return generate_latest()


@cache
def _total(rpc: str, code: str, tenant_class: str) -> Counter:
    return _RPC_TOTAL.labels(rpc, code, tenant_class or "none")


@cache
def _seconds(rpc: str) -> Histogram:
    return _RPC_SECONDS.labels(rpc)
