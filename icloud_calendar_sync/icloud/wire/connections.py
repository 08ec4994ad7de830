"""The connections of this process, kept and shared by all its accounts.

Nothing of an account is in a connection: password and headers go with each request, there are no
cookies, no proxy and no .netrc. Nothing of the environment counts but which authorities to trust.
"""

import os
import ssl
from threading import RLock

from urllib3 import PoolManager
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

from ..urls import Url
from .wallclock import POOL_CLASSES

# iCloud's partitions, and how many idle connections to one of them are kept.
MAX_HOSTS = 256
MAX_KEPT = 64


class Connections:
    """Pools of connections by host, for those who have entered it.

    :param certificates: path of the authorities that are trusted
    """

    def __init__(self, certificates: str):
        context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
        # Once for all: it takes longer than a request.
        context.load_verify_locations(certificates)
        self._pools = PoolManager(
            MAX_HOSTS, maxsize=MAX_KEPT, cert_reqs="CERT_REQUIRED", ssl_context=context
        )
        self._pools.pool_classes_by_scheme = POOL_CLASSES
        # Again in one thread: a client that nobody closed leaves when its memory is freed.
        self._lock, self._users = RLock(), 0

    def to(self, url: Url) -> HTTPConnectionPool:
        """The connections to the host of `url`."""
        return self._pools.connection_from_host(url.host, url.port, url.scheme)

    def enter(self) -> None:
        """Somebody begins to use them."""
        with self._lock:
            self._users += 1

    def leave(self) -> None:
        """The last one who leaves closes what is idle."""
        with self._lock:
            self._users -= 1
            if self._users > 0:
                return
            for key in [*self._pools.pools.keys()]:
                if pool := self._pools.pools.get(key):
                    pool.close_idle()


_by_authorities: dict[str, Connections] = {}


def shared(certificates: str) -> Connections:
    """Those of this process that trust these authorities."""
    if certificates not in _by_authorities:
        # Two threads that come at once: the pair that is forgotten has no connection yet.
        _by_authorities[certificates] = Connections(certificates)
    return _by_authorities[certificates]


# Two processes that read from one connection would take each other's answers.
os.register_at_fork(after_in_child=_by_authorities.clear)
