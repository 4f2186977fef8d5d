"""Every setting of the service, read from `BAILIWICK_*` variables; see docs/configuration.md."""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from geo.errors import OptionError

_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "sqlite": "sqlite",
}
ROLES: Final = ("planner", "integrator", "manager", "admin")

LogFormat = Literal["console", "json"]


class Settings(BaseSettings):
    """How the service runs; made once, handed down, never read from a global."""

    model_config = SettingsConfigDict(env_prefix="BAILIWICK_", frozen=True, extra="ignore")

    def __init__(self, **given: Any) -> None:
        """Settings from `given` and the environment; raises OptionError in words."""
        try:
            super().__init__(**given)
        except ValidationError as error:
            wrong = "; ".join(
                f"BAILIWICK_{str(e['loc'][0]).upper()}: {e['msg']}" if e["loc"] else e["msg"]
                for e in error.errors()
            )
            raise OptionError(
                f"a setting is unusable: {wrong}",
                hint="docs/configuration.md lists the settings and what they take.",
            ) from error

    data_dir: Path = Field(
        default=Path("var"), description="Directory of the default SQLite database."
    )
    database_url: str = Field(
        default="",
        repr=False,
        description="`sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`; "
        "empty: `bailiwick.db` in the data directory.",
    )
    host: str = Field(default="127.0.0.1", description="Address that the service listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port that the service listens on.")
    allow_remote: bool = Field(
        default=False,
        description="Answer other machines even before there is an API key. Set it only "
        "behind a proxy that checks who is asking.",
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("localhost", "127.0.0.1", "::1"),
        description="Host names that a request may be addressed to, separated by commas.",
    )
    max_upload_mb: float = Field(
        default=200, gt=0, description="Largest file that may be uploaded, in MB."
    )
    max_body_mb: float = Field(
        default=16, gt=0, description="Largest body of any other request, in MB."
    )
    max_route_points: int = Field(
        default=10_000, ge=1, description="Most points that one call of `/v1/route` answers."
    )
    max_upsert_rows: int = Field(
        default=10_000,
        ge=1,
        description="Most accounts that one call of `/v1/accounts:batch` takes.",
    )
    max_page_size: int = Field(
        default=10_000, ge=1, description="Most rows on one page of a listing."
    )
    rate_limit: float = Field(
        default=0,
        ge=0,
        description="Requests a second that one key, or one address, may make; 0: no limit.",
    )
    rate_burst: int = Field(
        default=100, ge=1, description="Requests that may come at once before the limit counts."
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Web sites whose pages may call the API, such as `https://crm.example`.",
    )
    log_format: LogFormat = Field(
        default="console", description="`console`: lines for people; `json`: an object per line."
    )
    telemetry: bool = Field(
        default=False,
        description="Send traces by OpenTelemetry, as the `OTEL_*` variables say.",
    )
    run_worker: bool = Field(
        default=True,
        description="Start the worker that reads, geocodes and solves with the service.",
    )
    workers: int = Field(
        default=2, ge=1, le=64, description="Worker processes on this host: jobs done at once."
    )
    kinds_at_once: Annotated[dict[str, int], NoDecode] = Field(
        default={"design": 1},
        description="Most jobs of a kind at once on this host, as `design=1,export=2`; "
        "a kind that is not named may take all workers, one with 0 is left to other hosts.",
    )
    max_queued_jobs: int = Field(
        default=1000, ge=1, description="Most jobs that may wait; further ones are refused."
    )
    sync_upload_mb: float = Field(
        default=32, ge=0, description="Files above this many MB are imported by a job."
    )
    export_keep_days: float = Field(
        default=7, gt=0, description="Days for which the result of an export job is kept."
    )
    idempotency_hours: float = Field(
        default=24, gt=0, description="Hours for which an `Idempotency-Key` is remembered."
    )
    worker_nice: int = Field(
        default=10,
        ge=0,
        le=19,
        description="How far the worker steps back for others (see `nice`).",
    )
    job_attempts: int = Field(
        default=3, ge=1, description="How often a job is tried when its worker dies under it."
    )
    job_lease_s: float = Field(
        default=30,
        gt=0,
        description="Seconds without a sign of life after which a job is taken over.",
    )
    run_webhooks: bool = Field(
        default=True, description="Send what is in the outbox to the webhooks."
    )
    webhook_allow_private: bool = Field(
        default=False,
        description="Let webhooks call private and local addresses, and http:// as well.",
    )
    webhook_keys: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        repr=False,
        description="Secrets of at least 32 characters, separated by commas: the first seals the "
        "secrets of webhooks in the database, all open them; empty: they are kept in clear.",
    )
    webhook_timeout_s: float = Field(
        default=15, gt=0, le=120, description="Seconds that a webhook has to answer."
    )
    webhook_disable_after_h: float = Field(
        default=120, gt=0, description="Hours of failing after which a webhook is disabled."
    )
    webhook_keep_days: float = Field(
        default=30, gt=0, description="Days for which the log of deliveries is kept."
    )

    public_url: str = Field(
        default="",
        description="Address that people type, e.g. `https://maps.example.com`; empty: as asked.",
    )
    session_secret: str = Field(
        default="",
        repr=False,
        description="Secret of at least 32 characters that seals the cookies of people who have "
        "signed in; empty: a new one at each start.",
    )
    session_hours: float = Field(
        default=12, gt=0, le=720, description="Hours after which people sign in again."
    )
    oidc_issuer: str = Field(
        default="", description="Address of the OpenID provider; empty: no sign-in through one."
    )
    oidc_client_id: str = Field(default="", description="Name of this service at the provider.")
    oidc_client_secret: str = Field(
        default="", repr=False, description="Its secret; empty for a public client."
    )
    oidc_audience: str = Field(
        default="",
        description="`aud` of access tokens that are taken as `Bearer`; empty: none are.",
    )
    oidc_role_claim: str = Field(
        default="roles", description="Claim with the roles or groups; dots lead into objects."
    )
    oidc_roles: Annotated[Mapping[str, str], NoDecode] = Field(
        default_factory=dict,
        description="Which of them is which role, e.g. `sales-ops=planner,it=admin`; "
        "empty: they are called as here.",
    )
    oidc_region_claim: str = Field(default="region", description="Claim with a manager's region.")

    @field_validator("session_secret", "webhook_keys")
    @classmethod
    def _long(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        if any(0 < len(some) < 32 for some in ([value] if isinstance(value, str) else value)):
            raise ValueError("a secret of fewer than 32 characters can be guessed")
        return value

    @field_validator("oidc_issuer", "public_url")
    @classmethod
    def _safe_url(cls, value: str) -> str:
        parts = urlsplit(value)
        plain = parts.scheme == "http" and is_loopback(parts.hostname or "")
        if value and not (parts.hostname and (parts.scheme == "https" or plain)):
            raise ValueError("an address with https:// is needed (http:// on this machine only)")
        return value.rstrip("/")

    @field_validator("oidc_roles", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        if isinstance(value, str):
            pairs = (part.partition("=") for part in value.split(",") if part.strip())
            return {group.strip(): role.strip() for group, _, role in pairs}
        return value

    @field_validator("oidc_roles")
    @classmethod
    def _known_roles(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        if wrong := sorted(set(value.values()) - set(ROLES)):
            raise ValueError(f"there is no role {wrong[0]!r}; there are {', '.join(ROLES)}")
        return value

    @model_validator(mode="after")
    def _whole_provider(self) -> "Settings":
        if self.oidc_issuer and not (self.oidc_client_id or self.oidc_audience):
            raise ValueError("BAILIWICK_OIDC_ISSUER needs a BAILIWICK_OIDC_CLIENT_ID or _AUDIENCE")
        return self

    @field_validator("allowed_hosts", "cors_origins", "webhook_keys", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("kinds_at_once", mode="before")
    @classmethod
    def _read_kinds(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [part.partition("=") for part in value.split(",") if part.strip()]
        return {kind.strip(): number.strip() for kind, _, number in pairs}

    @field_validator("kinds_at_once")
    @classmethod
    def _known_kinds(cls, value: dict[str, int]) -> dict[str, int]:
        kinds = ("import", "design", "export", "publish", "scenarios")
        if any(kind not in kinds or number < 0 for kind, number in value.items()):
            raise ValueError(f"takes {', '.join(kinds)}, each with a number from 0, as design=1")
        return value

    @property
    def url(self) -> str:
        """The database URL with the driver that we use; raises OptionError for another database."""
        if not self.database_url:
            return f"sqlite:///{(self.data_dir / 'bailiwick.db').resolve()}"
        scheme, found, rest = self.database_url.partition("://")
        if not found or scheme not in _DRIVERS:
            raise OptionError(
                f"the database URL begins with {scheme.split(':')[0]!r}",
                hint="Use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.",
            )
        return f"{_DRIVERS[scheme]}://{rest}"

    @property
    def is_new(self) -> bool:
        """Whether the database is a file that is not there yet."""
        kind, _, path = self.url.partition(":///")
        return kind == "sqlite" and not Path(path).exists()


def is_loopback(host: str) -> bool:
    """Whether an address or `localhost` can be reached from this machine only."""
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return host.lower() == "localhost"
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def check_bind(settings: Settings, *, guarded: bool = False) -> None:
    """Refuse to listen where strangers could ask and nothing checks who they are.

    `guarded`: there is an API key, or a provider that people sign in with. Raises OptionError
    unless that is so, `host` is a loopback address, or `allow_remote` is set.
    """
    if not (guarded or settings.allow_remote or is_loopback(settings.host)):
        raise OptionError(
            f"without API keys the service listens on this machine only, not on {settings.host}",
            hint="Make a key first (bailiwick keys create --role admin), leave the host at "
            "127.0.0.1, or put a proxy that checks who is asking in front and set "
            "BAILIWICK_ALLOW_REMOTE=true.",
        )
