"""A real Odoo server process, for live tests, the demo and the benchmarks."""

import contextlib
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Mapping

from devtools import paths
from devtools.machine import claims, odoo_run, postgres
from devtools.ports import free_port
from devtools.steps import SetupError

START_SECONDS = 120
STOP_SECONDS = 20
POLL_SECONDS = 0.1


class Server:
    """An Odoo server on one database; as a `with` block it is started, waited for and stopped.

    `workers` 0 is one process of threads; `cron_threads` 0 runs no scheduled job; `env` and
    `config` (options of odoo.conf) come on top of ours. `log` is the file of its log.
    """

    def __init__(
        self,
        database: str,
        *,
        port: int | None = None,
        workers: int = 0,
        cron_threads: int = 1,
        env: Mapping[str, str] | None = None,
        config: Mapping[str, object] | None = None,
    ) -> None:
        self.database = database
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = paths.LOGS / f"server-{database}-{self.port}.log"
        self.process: subprocess.Popen | None = None
        self._env = env
        self._config = {
            "db_name": database,
            "dbfilter": f"^{database}$",
            "http_port": self.port,
            "gevent_port": free_port(),
            "workers": workers,
            "max_cron_threads": cron_threads,
            "logfile": self.log,
            **(config or {}),
        }
        self._name = f"{database}-{self.port}"
        self._held = contextlib.ExitStack()

    def start(self) -> "Server":
        """Start the process and wait until it answers; also again, after `kill` or `stop`."""
        try:
            self._start()
        except BaseException:
            self.kill()
            raise
        return self

    def _start(self) -> None:
        self._held.enter_context(claims.held(self._name))
        cluster = self._held.enter_context(postgres.start())
        self.log.parent.mkdir(parents=True, exist_ok=True)
        config = odoo_run.write_config(cluster, claims.config(self._name), self._config)
        with self.log.open("a") as output:
            # A session of its own: Ctrl-C in the terminal reaches whoever started us, who stops it.
            self.process = subprocess.Popen(
                odoo_run.COMMAND,
                env=odoo_run.environment(cluster, config, self._env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        # Whatever proxy the environment names: it cannot reach our loopback interface.
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if (code := self.process.poll()) is not None:
                raise SetupError(f"Odoo ended with exit code {code}: see {self.log}")
            with contextlib.suppress(OSError):  # nobody listens yet, or the registry is not loaded
                direct.open(f"{self.url}/web/login", timeout=START_SECONDS).close()
                return
            time.sleep(POLL_SECONDS)
        raise SetupError(f"Odoo did not answer within {START_SECONDS} s: see {self.log}")

    def stop(self) -> None:
        """Stop as an operator does (SIGTERM); what does not end in time is killed."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End the process and all its workers at once, as a crash does."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self._held.close()

    def __enter__(self) -> "Server":
        return self.start()

    def __exit__(self, *_exception: object) -> None:
        self.stop()
