"""Packages from Debian without root: apt-get with sources, lists and cache of its own.

The system's sources, lists and packages are read, never changed. Standard library only.
"""

import re
import shutil
from pathlib import Path

from devtools.steps import SetupError, run

DEBIAN_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def _command(state: Path) -> list[str]:
    options = {
        "Dir::State::Lists": state / "lists",
        "Dir::Cache": state / "cache",
        "Debug::NoLocking": "1",
        # Root's apt-get downloads as user _apt, who may not enter a private folder.
        "APT::Sandbox::User": "root",
        "Acquire::Retries": "2",
        "Acquire::http::Timeout": "30",
        "Acquire::Languages": "none",
    }
    return ["apt-get", "-q"] + [f"-o{name}={value}" for name, value in options.items()]


def codename() -> str:
    """The suite of this Debian ("bookworm"); "stable" on testing and unstable, which name none."""
    release = Path("/etc/os-release")
    text = release.read_text() if release.exists() else ""
    if not re.search(r"^ID=debian$", text, re.MULTILINE) or shutil.which("apt-get") is None:
        raise SetupError("this machine is not a Debian with apt-get")
    found = re.search(r"^VERSION_CODENAME=(\w+)$", text, re.MULTILINE)
    return found[1] if found else "stable"


def _sites(state: Path) -> list[tuple[str, str]]:
    """(address, suite) of every source of the machine, also where its lists were never updated."""
    (state / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    printed = run([*_command(state), "--print-uris", "update"])
    return re.findall(r"^'(\S+?)/?/dists/(\S+)/InRelease'", printed, re.MULTILINE)


class PrivateApt:
    """apt-get over the machine's own Debian suites and, if asked, unstable."""

    def __init__(self, state: Path, *, unstable: bool = False) -> None:
        self.suite = codename()
        sites = _sites(state)
        own = {self.suite, f"{self.suite}-updates", f"{self.suite}-security"}
        wanted = [(site, suite) for site, suite in sites if suite in own]
        mirrors = [site for site, suite in wanted if suite == self.suite] + [
            site for site, _suite in sites if site.endswith("/debian")
        ]
        if not mirrors:
            raise SetupError("the sources of apt-get name no Debian mirror")
        if not wanted:
            wanted.append((mirrors[0], self.suite))
        if unstable:
            wanted.append((mirrors[0], "sid"))
        signed = f"[signed-by={DEBIAN_KEYRING}] " if DEBIAN_KEYRING.exists() else ""
        sources = state / "sources.list"
        sources.write_text("".join(f"deb {signed}{site} {suite} main\n" for site, suite in wanted))
        (state / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
        self.archives = state / "cache" / "archives"
        self.command = [
            *_command(state),
            f"-oDir::Etc::sourcelist={sources}",
            "-oDir::Etc::sourceparts=-",
        ]
        run([*self.command, "update"])

    def download(self, *packages: str) -> list[Path]:
        """Fetch exactly these packages ("name" or "name/suite")."""
        run([*self.command, "download", *packages], cwd=self.archives)
        return sorted(self.archives.glob("*.deb"))

    def download_with_missing(self, *packages: str) -> list[Path]:
        """Fetch these packages and whatever they depend on that this machine lacks."""
        options = ("--yes", "--download-only", "--no-install-recommends")
        run([*self.command, "install", *options, *packages])
        return sorted(self.archives.glob("*.deb"))


def extract(packages: list[Path], prefix: Path) -> None:
    """Unpack the packages below `prefix`; their scripts are not run."""
    for package in packages:
        run(["dpkg", "-x", package, prefix])
