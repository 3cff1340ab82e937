"""What the gateway is told from outside, beside the settings of every process."""

from pydantic import field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class GatewaySettings(BaseSettings):
    """Limits and addresses of the edge, as LOUYU_GATEWAY_<NAME>. A rate is requests per second; 0 turns
    it off. The burst is how many may come at once after a quiet time."""

    model_config = SettingsConfigDict(env_prefix="LOUYU_GATEWAY_", extra="ignore", frozen=True)

    account_rate: float = 100.0
    account_burst: float = 400.0
    client_rate: float = 200.0
    client_burst: float = 800.0
    tenant_rate: float = 1000.0
    tenant_burst: float = 2000.0
    tenant_rates: dict[str, float] = {}
    """Other rates for single tenants, by id; their burst is twice the rate."""
    address_rate: float = 50.0
    """Calls without a token, per network address."""
    address_burst: float = 200.0

    in_flight_all: int = 192
    """Calls under way in this gateway: a third of a second of what one process can do, or what waits for
    several slow services; the next are refused at once with 503."""
    in_flight: int = 128
    """Of these, calls to one service."""
    in_flight_tenant: int = 64
    """Of these, calls of one tenant: a noisy one leaves room for the others."""
    read_s: float = 10.0
    """The deadline of a GET."""
    write_s: float = 15.0
    """The deadline of everything else."""
    body_limit: int = 1024 * 1024
    """Bytes of a JSON body."""

    sign_in_pair: int = 10
    """Failed sign-ins of one login from one address before that pair has to wait."""
    sign_in_address: int = 60
    """Failed sign-ins from one address, whatever the logins."""
    sign_in_window_s: float = 900.0

    file_limit: int = 10 * 1024 * 1024
    """Bytes of an uploaded file."""
    upload_bytes_per_day: int = 2 * 1024**3
    """Bytes that one tenant may upload in a day."""
    unclaimed_h: float = 24.0
    """How long an uploaded file waits for a record that keeps it."""

    live_connections: int = 2000
    live_per_account: int = 8
    live_queue: int = 256
    """Hints waiting for one slow reader before it is told to start afresh."""
    keep_alive_s: float = 15.0

    public_url: str = ""
    """Where people reach the gateway, e.g. https://louyu.example; empty where it varies. An https address
    turns on HSTS and the Secure attribute of cookies for every request."""
    trusted_proxies: int = 0
    """How many reverse proxies stand in front: so many entries of X-Forwarded-For are believed."""

    @field_validator("public_url")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        return value.rstrip("/")
