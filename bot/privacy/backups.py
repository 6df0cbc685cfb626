"""A key for each backup. Destroying the key makes every copy of that backup unreadable, wherever it went.

shared/protection.md, "Data protection": backups 30 days, then the key is destroyed. The keys must not lie in a place
that is itself backed up; in production that place is the controller's key store.
"""

import os
from pathlib import Path

from cryptography.fernet import Fernet

_NAME = "backup-{:010d}.key"


class BackupKeys:
    """Keys of backups in a folder that only the service's own user can read.

    Args:
        folder: where they are kept; made when missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self, now: float) -> tuple[str, bytes]:
        """A key for a backup made now. Returns the name to keep with the backup, and the key."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name, key = _NAME.format(int(now)), Fernet.generate_key()
        with os.fdopen(os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key)
        return name, key

    def get(self, name: str) -> bytes | None:
        """The key of a backup; None once it is destroyed."""
        file = self._folder / Path(name).name
        return file.read_bytes() if file.exists() else None

    def purge(self, before: float) -> int:
        """Destroy the keys of backups made before a moment. Returns how many."""
        old = [file for file in self._folder.glob("backup-*.key") if int(file.stem.removeprefix("backup-")) < before]
        for file in old:
            file.write_bytes(b"\0" * file.stat().st_size)
            file.unlink()
        return len(old)
