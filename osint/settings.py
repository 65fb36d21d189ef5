"""The few settings of a workstation: an environment variable, else a line of the user's settings file, else a default.

No file is needed. Where there is one it is TOML, lies in the platform's folder for a user's settings or where
``OSINT_SETTINGS`` says, and names each setting as its variable does, without ``OSINT_`` and in small letters:
``anchors = "/etc/osint/anchors.toml"``. ``osint config`` shows what is in force and from where, and writes the file.

It names programs that are run and folders that keys are read from, so a file that others may write is refused.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from osint.errors import SettingsError

FILE_VARIABLE = "OSINT_SETTINGS"
_PREFIX = "OSINT_"
_HEAD = "# Kept by 'osint config', which writes this file whole. The environment goes before it.\n"

Kind = Literal["folder", "file", "program", "text", "allow"]
Source = Literal["environment", "file", "default"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        variable: The environment variable.
        kind: What its value is; ``osint config`` refuses what is not that.
        says: What it names or does, in a few words.
        default: What holds without it, in words.
    """

    variable: str
    kind: Kind
    says: str
    default: str

    @property
    def name(self) -> str:
        """Its name in the file and for ``osint config``."""
        return self.variable.removeprefix(_PREFIX).lower()


SETTINGS = {
    each.name: each
    for each in (
        Setting("OSINT_INVESTIGATOR", "text", "name and badge of whoever works here", "asked for with --investigator"),
        Setting("OSINT_ROLE", "text", "their role, by the agency's roster", "investigator"),
        Setting("OSINT_NETWORK", "file", "how to reach the network, where it is not plain", "the public internet"),
        Setting("OSINT_KEYS", "folder", "this user's signing keys", "keys, in the user's data folder"),
        Setting("OSINT_PASSPHRASE_FILE", "file", "the passphrase, where no person types it", "asked for"),
        Setting("OSINT_POLICY", "folder", "policy packs and the agency's profile", "policy, in the user's data folder"),
        Setting("OSINT_ANCHORS", "file", "time-stamping authorities and witnesses", "nobody vouches"),
        Setting("OSINT_SITE_PROFILES", "folder", "the agency's own profiles of police sites", "none"),
        Setting("OSINT_STATE", "folder", "when each host may be asked again", "the user's state folder"),
        Setting("OSINT_CHROMIUM", "program", "Chromium, for pages that scripts make", "the one on the PATH"),
        Setting("OSINT_REPLAYWEBPAGE", "folder", "ReplayWeb.page, for full replay", "the one of npm"),
        Setting("OSINT_EXIFTOOL", "program", "ExifTool", "the one on the PATH"),
        Setting("OSINT_MEDIAINFO", "program", "MediaInfo", "the one on the PATH"),
        Setting("OSINT_FFMPEG", "program", "ffmpeg", "the one on the PATH"),
        Setting("OSINT_FFPROBE", "program", "ffprobe", "the one on the PATH"),
        Setting("OSINT_HEIF", "allow", "'allow' decodes HEIC by a weak pi-heif, in the sandbox", "not decoded"),
        Setting("OSINT_C2PA_TRUST", "file", "signers of Content Credentials that are trusted", "nobody is trusted"),
    )
}
"""Every setting by its name, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class InForce:
    """A setting, what it is now, and where that comes from. ``value`` is empty where only the default holds."""

    setting: Setting
    value: str
    source: Source


def setting(variable: str, environment: Mapping[str, str] | None = None) -> str:
    """Return the value of a setting by its variable; an empty text where only the default holds.

    Args:
        variable: As in :data:`SETTINGS`.
        environment: Instead of that of this process.

    Raises:
        SettingsError: The settings file cannot be used.
    """
    return in_force(variable.removeprefix(_PREFIX).lower(), environment).value


def in_force(name: str, environment: Mapping[str, str] | None = None) -> InForce:
    """Return what holds for the setting of a name, and from where.

    Raises:
        SettingsError: There is no such setting, or the settings file cannot be used.
    """
    known = named(name)
    if value := (os.environ if environment is None else environment).get(known.variable, ""):
        return InForce(known, value, "environment")
    value = read(settings_file()).get(known.name, "")
    return InForce(known, value, "file" if value else "default")


def named(name: str) -> Setting:
    """Return the setting of a name; that of its variable, ``OSINT_KEYS``, is taken as well.

    Raises:
        SettingsError: There is none.
    """
    found = SETTINGS.get(name.removeprefix(_PREFIX).lower().replace("-", "_"))
    if found is None:
        raise SettingsError(f"There is no setting {name!r}. Nothing was changed. There are: {', '.join(SETTINGS)}.")
    return found


def settings_file() -> Path:
    """Return where the settings of this user are, or would be."""
    import platformdirs

    place = os.environ.get(FILE_VARIABLE)
    return Path(place) if place else platformdirs.user_config_path("osint", appauthor=False) / "settings.toml"


def read(file: Path) -> dict[str, str]:
    """Return the settings in a file by their names; none when there is no file.

    Raises:
        SettingsError: It cannot be read, others may write it, or it says what no setting is.
    """
    import tomllib

    try:
        mode = file.stat().st_mode
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsError(_unusable(file, error.strerror or "it cannot be read")) from error
    if os.name == "posix" and mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise SettingsError(_unusable(file, f"others than its owner may write it: chmod 600 {file}"))
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(_unusable(file, str(error))) from error
    wrong = [name for name, value in found.items() if name not in SETTINGS or not isinstance(value, str)]
    if wrong:
        raise SettingsError(_unusable(file, f"{', '.join(wrong)} is no setting with a text as its value"))
    return found


def _unusable(file: Path, reason: str) -> str:
    return (
        f"The settings file {file} is not used: {reason}. Without it keys and policy might be others than you mean, so "
        "nothing was done. Mend it, or take it away: no file is needed."
    )


def write(name: str, value: str | None) -> Path:
    """Set a setting in the user's file, or with None take it out, and return the file.

    Folders, files and programs are written as absolute paths. The file is made for its owner only.

    Raises:
        SettingsError: There is no such setting, or the value is not what it takes.
    """
    known, file = named(name), settings_file()
    kept = read(file)
    kept.pop(known.name, None)
    if value is not None:
        kept[known.name] = _checked(known, value)
    lines = [f"{each} = {_quoted(kept[each])}\n" for each in SETTINGS if each in kept]
    _replace(file, _HEAD + "".join(lines))
    return file


def _checked(known: Setting, value: str) -> str:
    path = Path(value).absolute()
    if known.kind == "program":
        path = Path(shutil.which(value) or path).absolute()
    faults = {
        "folder": path.exists() and not path.is_dir(),  # one that is not there yet is made when it is used
        "file": not path.is_file(),
        "program": shutil.which(str(path)) is None,
        "text": not value.strip() or not value.isprintable(),
        "allow": value != "allow",
    }
    if faults[known.kind]:
        wanted = {"text": "one line of text", "allow": "the word allow"}.get(
            known.kind, f"a {known.kind} of this machine"
        )
        raise SettingsError(f"{known.name} takes {wanted}, and {value!r} is none. Nothing was changed.")
    return value if known.kind in ("text", "allow") else str(path)


def _quoted(text: str) -> str:
    """Return text as a basic string of TOML, which is one of JSON but for the character 7F."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _replace(file: Path, text: str) -> None:
    fresh = file.with_name(f"{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600, exist_ok=False)
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(file)
    except OSError as error:
        raise SettingsError(f"{file} cannot be written: {error.strerror}. Nothing was changed.") from error
