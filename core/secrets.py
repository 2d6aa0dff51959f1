"""Secrets at rest: the secret key of the installation, and what it encrypts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.config import Config, ConfigError

KEY_FILE = "secret.key"
WELL_KNOWN = {"secret", "changeme", "change-me", "password", "balise", "dev", "test"}


class SecretError(Exception):
    """A sealed value does not open: another secret key made it, or it was altered."""


def make_key(folder: Path) -> Path:
    """Make the secret key file, readable by its owner alone; keep one that exists."""
    path = folder / KEY_FILE
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path


def secret_key(config: Config) -> str:
    """Return the installation's secret key. Raises ``ConfigError`` when it cannot be trusted."""
    key = config.secret_key
    if key is None:
        path = config.data / KEY_FILE
        if not path.exists():
            raise ConfigError(
                "Aucune clé secrète : lancez « balise init », ou donnez BALISE_SECRET_KEY_FILE."
            )
        key = path.read_text().strip()
    words = key.lower().strip("!1234567890-_ ")
    if len(key) < 32 or len(set(key)) < 10 or words in WELL_KNOWN:
        raise ConfigError(
            "La clé secrète est trop courte ou trop connue : "
            "il en faut une de 32 caractères au hasard au moins."
        )
    return key


def digest(token: str) -> str:
    """Return the SHA-256 that stands for a token in the database: read there, it opens nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def derived(key: str, purpose: str) -> bytes:
    """Return 32 octets derived from the secret key for one purpose (HKDF-SHA256, RFC 5869)."""
    info = f"balise {purpose} 1".encode()
    return HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(key.encode())


class Vault:
    """Encrypts values with a key derived from the secret key (Fernet)."""

    def __init__(self, key: str) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(derived(key, "vault")))
        self._marking = derived(key, "digest")

    def digest(self, text: str) -> str:
        """Return what stands for a short secret in the database: its HMAC-SHA256, which cannot be
        tried against guesses without the secret key.
        """
        return hmac.new(self._marking, text.encode(), hashlib.sha256).hexdigest()

    def seal(self, text: str) -> str:
        """Return ``text`` encrypted, in ASCII."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return what ``seal`` was given. Raises ``SecretError``."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise SecretError("made with another secret key, or altered") from error
