"""Settings that name files with secrets: one list for `check-config`, for `doctor` and for what a backup leaves out."""

from dataclasses import dataclass
from pathlib import Path

from service.settings import Settings
from service.settings_file import secret


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretFile:
    """One of them."""

    path: Path | None
    credential: str | None  # systemd's, read where no file is set; None: its own reader takes the file alone

    def look(self) -> str | None:
        """The secret; ConfigError or OSError when its file is not there, or others may read it."""
        if self.credential is not None:
            return secret(self.path, self.credential)
        if self.path is not None:
            with self.path.open("rb"):
                pass
        return None


def secret_files(settings: Settings) -> dict[str, SecretFile]:
    """All of them by key."""
    mailbox, smtp, store, desk = settings.mailbox, settings.smtp, settings.store, settings.desk
    return {
        "mailbox.password_file": SecretFile(path=mailbox.password_file, credential="imap-password"),
        "smtp.password_file": SecretFile(path=smtp.password_file, credential="smtp-password"),
        "store.password_file": SecretFile(path=store.password_file, credential="store-password"),
        "store.blobs_credentials_file": SecretFile(path=store.blobs_credentials_file, credential=None),
        "store.blobs_key_file": SecretFile(path=store.blobs_key_file, credential="blobs-key"),
        "desk.signing_key_file": SecretFile(path=desk.signing_key_file, credential="signing-key"),
        "oidc.client_secret_file": SecretFile(path=settings.oidc.client_secret_file, credential="oidc-client-secret"),
        **{
            f"forward.{place}.secret_file": SecretFile(path=one.secret_file, credential=f"forward-{one.name}")
            for place, one in enumerate(settings.forward)
        },
    }
