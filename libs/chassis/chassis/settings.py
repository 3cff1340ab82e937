"""What a process is told from outside: environment variables with the prefix LOUYU_."""

from base64 import b64decode
from typing import Literal

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """One service's settings. A value that cannot be understood ends the process before it starts."""

    model_config = SettingsConfigDict(env_prefix="LOUYU_", extra="ignore", frozen=True)

    service: str
    """The name of the service, as in louyu.<service>.v1."""
    bind: str = "127.0.0.1"
    """The address that the ports listen on."""
    grpc_port: int = 0
    ops_port: int = 0
    http_port: int = 0
    http_fd: int | None = None
    """A listening socket handed down, instead of http_port: a successor takes from the same queue."""
    addresses: dict[str, str] = {}
    """host:port of every service's gRPC port, or all of its replicas' (`chassis.client.target_of`)."""

    database_url: str = ""
    """The login that runs the service; it has no rights of its own and puts on a role per transaction."""
    pool_size: int = 16
    nats_url: str = ""

    service_key: SecretStr = SecretStr("")
    """Base64 seed of this service's Ed25519 key."""
    service_keys: dict[str, str] = {}
    """Base64 public keys of all services."""
    secret: SecretStr = SecretStr("")
    """Base64, 32 bytes: signs page tokens."""
    kek: SecretStr = SecretStr("")
    """Base64, 32 bytes: wraps the tenants' data keys. Identity only."""
    kek_previous: SecretStr = SecretStr("")
    """Base64: the key-encryption key being rotated out. Identity only."""
    blind_index_key: SecretStr = SecretStr("")
    """Base64, 32 bytes: finds an encrypted value again. Identity only."""
    cipher: Literal["aes-256-gcm", "sm4-gcm"] = "aes-256-gcm"

    smtp_url: str = ""
    files: str = ""
    web: str = ""

    clock: Literal["fixed", "walkable"] = "fixed"
    """walkable: business time may be walked forward; test and demo deployments only."""
    log: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    otlp: str = ""
    """Where traces go (OTLP over HTTP). Empty: trace context is passed on, nothing is recorded."""
    drain_s: float = 10.0
    """How long a stopping process waits for the work it has accepted."""

    @field_validator("service_key", "secret", "kek", "kek_previous", "blind_index_key")
    @classmethod
    def _is_base64(cls, value: SecretStr) -> SecretStr:
        b64decode(value.get_secret_value(), validate=True)
        return value

    def key(self, name: Literal["service_key", "secret", "kek", "kek_previous", "blind_index_key"]) -> bytes:
        """The raw bytes of a key; ValueError, naming its variable, where it was not given."""
        value: SecretStr = getattr(self, name)
        raw = b64decode(value.get_secret_value())
        if not raw:
            raise ValueError(f"LOUYU_{name.upper()} is not set")
        return raw
