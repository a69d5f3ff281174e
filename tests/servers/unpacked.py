"""Running Debian's packages without installing them: their files are laid over the host's in a mount namespace.

For servers whose paths are compiled in. Needs root; nothing of the host's is touched.
"""

import os
from pathlib import Path

PACKAGES = Path(__file__).parents[2] / "build" / "servers"


def libraries(*packages: str) -> str:
    """LD_LIBRARY_PATH for what was unpacked."""
    return ":".join(
        sorted({str(path.parent) for package in packages for path in (PACKAGES / package).rglob("lib*.so.*")})
    )


def laid_over(folder: Path, packages: tuple[str, ...], *, tops: tuple[str, ...], then: str) -> list[str]:
    """The command that runs the shell's words `then` where the packages seem to be installed.

    `tops` are the folders of the root that they have files in. With the command all that it started ends.
    """
    missing = [name for name in packages if not (PACKAGES / name).exists()]
    if missing:
        raise RuntimeError(f"{', '.join(missing)} not in {PACKAGES}; run: make servers")
    if os.geteuid() != 0:
        raise RuntimeError("this server's paths are compiled in; laying them over needs root")
    over = folder / "over"
    over.mkdir()
    lines = ["set -eu", "mount --make-rprivate /", f"mount -t tmpfs tmpfs {over}"]
    for top in tops:
        layers = ":".join(str(path) for name in packages if (path := PACKAGES / name / top).exists())
        lines += [
            f"mkdir {over}/{top} {over}/{top}.work",
            f"mount -t overlay overlay -o lowerdir={layers}:/{top},upperdir={over}/{top},workdir={over}/{top}.work /{top}",
        ]
    lines += ["mount -t tmpfs -o mode=755 tmpfs /run", then]
    (folder / "start").write_text("\n".join(lines))
    return ["unshare", "-m", "-p", "--fork", "--kill-child", "sh", str(folder / "start")]
