"""Radicale's own server: `python -m benchmarks.sync.serve_radicale PORT FOLDER`.

A program of ours around it for one reason: only code may tell it to leave the disk's buffers alone.
"""

import socket
import sys
from pathlib import Path

import radicale.config
import radicale.log
import radicale.server


def main(port: str, folder: Path) -> None:
    configuration = radicale.config.load()
    auth = {
        "type": "htpasswd",
        "htpasswd_filename": str(folder / "users"),
        "htpasswd_encryption": "plain",
        "delay": "0",
    }
    options = {
        "server": {"hosts": f"127.0.0.1:{port}"},
        "auth": auth,
        # A disk's speed is not what is compared.
        "storage": {"filesystem_folder": str(folder / "storage"), "_filesystem_fsync": "False"},
        "logging": {"level": "critical"},
    }
    configuration.update(options, "benchmark", privileged=True)
    radicale.log.setup()
    radicale.log.set_level("critical", backtrace_on_debug=False)
    # It serves until its parent ends it: nobody writes into the other end.
    _nobody, shutdown = socket.socketpair()
    radicale.server.serve(configuration, shutdown)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
