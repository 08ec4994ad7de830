"""Resources that changed by their ETags: whether their data did, and how often that is asked.

An ETag may be missing, or change by itself: when the server moves or counts its own housekeeping
(Apple's does for shared events). Then the data are compared by their hash, and where that proves
the ETags to say nothing, a calendar of thousands is not fetched anew with every look.
"""

import hashlib
import random
from collections.abc import Iterator, Mapping

from ..icloud.client import Resource
from .news import Known

# So many in a look, and hardly one of them changed, prove it.
ENOUGH = 50
HARDLY = 0.05
# Then so many are asked for in a look where each of them lists everything, chosen by chance.
MOST = 500


class Doubts:
    """The known resources of one calendar that have another ETag now, or none.

    `left`: some were not asked for, because that proved to be useless.

    :param is_new_each_time: the server has no sync tokens, so the next look asks the same again
    """

    def __init__(self, known: Known, changed: Mapping[str, str], *, is_new_each_time: bool):
        self.hrefs = frozenset(changed.keys() & known.etags.keys())
        self.left = False
        self._known, self._is_bounded = known, is_new_each_time
        self._asked = self._same = 0

    def each(self) -> Iterator[str]:
        """One after the other, until that proves to be useless."""
        hrefs = sorted(self.hrefs)
        if len(hrefs) > MOST:
            # Each look others, so that what did change is met soon.
            random.shuffle(hrefs)
        for count, href in enumerate(hrefs):
            if self._is_bounded and count >= MOST and self._is_proven():
                self.left = True
                return
            yield href

    def digest(self, resource: Resource) -> str | None:
        """The hash of its data where its ETag is not enough; None where it is."""
        if resource.etag and resource.href not in self.hrefs:
            return None
        return hashlib.sha256(resource.data.replace(b"\r\n", b"\n")).hexdigest()

    def are_unfounded(self, href: str, digest: str | None) -> bool:
        """Whether a resource is as it was, and nothing else is to be found out about it."""
        if href not in self.hrefs:
            return False
        is_same = digest == self._known.digests.get(href)
        self._asked, self._same = self._asked + 1, self._same + is_same
        return is_same and href not in self._known.again and href not in self._known.aside

    def unfounded(self) -> frozenset[str]:
        """What counts as unchanged though nobody looked."""
        return self.hrefs if self._is_proven() else frozenset()

    def _is_proven(self) -> bool:
        return self._asked >= ENOUGH and self._same >= self._asked * (1 - HARDLY)
