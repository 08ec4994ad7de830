"""A Chromium for tests and pictures: the machine's own, or one fetched without root."""

import shutil
import tempfile
from pathlib import Path

from devtools import paths
from devtools.machine import apt
from devtools.steps import SetupError, built_whole, exclusive, run, step

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = (
    "chromium",
    "fontconfig-config",
    "fonts-dejavu-core",
    "fonts-liberation",
    "fonts-roboto-unhinted",
)

# Debian's launcher looks for its parts under /usr: so the program itself is started, with libraries
# and fonts from the private prefix where the machine lacks them.
WRAPPER = """\
#!/bin/sh
prefix=$(dirname "$(dirname "$(readlink -f "$0")")")
for folder in "$prefix"/usr/lib/*-linux-gnu* "$prefix"/lib/*-linux-gnu*; do
    [ -d "$folder" ] && libraries="${libraries:+$libraries:}$folder:$folder/pulseaudio"
done
export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export FONTCONFIG_FILE="$prefix/fonts.conf"
export CHROME_WRAPPER="$prefix/bin/chromium"
exec "$prefix/usr/lib/chromium/chromium" "$@"
"""

FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <include ignore_missing="yes" prefix="relative">etc/fonts/conf.d</include>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>Inter</family><prefer><family>Roboto</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""


def chromium() -> Path:
    """The path of a Chromium that runs; fetched first if the machine has none."""
    own = next((found for name in NAMES if (found := shutil.which(name))), None)
    if own:
        return Path(own)
    target = paths.cache() / "chromium"
    program = target / "bin" / "chromium"
    with exclusive(paths.cache() / "chromium.lock", "another download of Chromium"):
        if not (program.exists() and _runs(program)):
            try:
                with step("Chromium fetched, once for this machine"), built_whole(target) as folder:
                    _fetch(folder)
            except SetupError as error:
                raise SetupError(
                    "No Chromium on PATH, and none could be fetched. "
                    f"On Debian: apt-get install chromium\n{error}"
                ) from error
    return program


def _runs(program: Path) -> bool:
    try:
        run([program, "--version"])
    except SetupError:
        return False
    return True


def _fetch(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as state:
        source = apt.PrivateApt(Path(state))
        apt.extract(source.download_with_missing(*PACKAGES), folder)
    (folder / "fonts.conf").write_text(FONTS)
    program = folder / "bin" / "chromium"
    program.parent.mkdir(exist_ok=True)
    program.write_text(WRAPPER)
    program.chmod(0o755)
    run([program, "--version"])
