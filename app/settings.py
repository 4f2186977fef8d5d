"""Every setting of the service, read from `BAILIWICK_*` variables; see docs/configuration.md."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from geo.errors import OptionError

_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "sqlite": "sqlite",
}


class Settings(BaseSettings):
    """How the service runs; made once, handed down, never read from a global."""

    model_config = SettingsConfigDict(env_prefix="BAILIWICK_", frozen=True, extra="ignore")

    def __init__(self, **given: Any) -> None:
        """Settings from `given` and the environment; raises OptionError in words."""
        try:
            super().__init__(**given)
        except ValidationError as error:
            wrong = "; ".join(
                f"BAILIWICK_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors()
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
        description="Answer other machines too. There are no API keys yet, so set it only "
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
    run_worker: bool = Field(
        default=True,
        description="Start the worker that reads, geocodes and solves with the service.",
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

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
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


def is_loopback(host: str) -> bool:
    """Whether an address or `localhost` can be reached from this machine only."""
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return host.lower() == "localhost"
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def check_bind(settings: Settings) -> None:
    """Refuse to listen where strangers could ask, as nobody checks keys yet.

    Raises OptionError unless `host` is a loopback address or `allow_remote` is set.
    """
    if not (settings.allow_remote or is_loopback(settings.host)):
        raise OptionError(
            f"without API keys the service listens on this machine only, not on {settings.host}",
            hint="Leave the host at 127.0.0.1, or put a proxy that checks who is asking in front "
            "and set BAILIWICK_ALLOW_REMOTE=true and BAILIWICK_ALLOWED_HOSTS.",
        )
