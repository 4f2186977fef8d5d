from pathlib import Path

import pytest

from app.settings import Settings
from app.store.database import Database
from geo.errors import OptionError


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAILIWICK_ALLOWED_HOSTS", "a.example, b.example")
    monkeypatch.setenv("BAILIWICK_DATABASE_URL", "postgres://u:p@h/n")
    settings = Settings()
    assert settings.allowed_hosts == ("a.example", "b.example")
    assert settings.url == "postgresql+psycopg://u:p@h/n"
    assert "p@h" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "http"), ("MAX_UPLOAD_MB", "-1"), ("ALLOW_REMOTE", "perhaps")]
)
def test_an_unusable_setting_is_said_in_words(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"BAILIWICK_{name}", value)
    with pytest.raises(OptionError, match=f"BAILIWICK_{name}"):
        Settings()


@pytest.mark.parametrize("url", ["mysql://h/n", "bailiwick.db", "postgresql://u:p@h:port/n"])
def test_an_unusable_database_url_is_said_in_words(url: str) -> None:
    with pytest.raises(OptionError, match="database URL"):
        Database(Settings(database_url=url).url)


def test_a_data_directory_that_cannot_be_made_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OptionError, match="cannot be made"):
        Database(Settings(data_dir=tmp_path / "file" / "data", database_url="").url)
