"""The next request is under way while the answer to the last one is read."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(work: Callable[[Item], Result], items: Iterator[Item]) -> Iterator[Result]:
    """What `work` returns of each item, in their order; an error comes in its place and ends it.

    One call at a time, in a thread, and one more than was asked for: politeness and memory stay as
    they are for who asks one after the other. Of a lone item there is no thread. Who closes this
    waits for nothing: the call that is under way ends by itself, and no other begins.
    """
    nothing = object()
    item, following = next(items, nothing), next(items, nothing)
    if item is nothing:
        return
    if following is nothing:
        yield work(item)
        return
    pool = ThreadPoolExecutor(1, thread_name_prefix="icloud-ahead")
    try:
        result = work(item)
        while following is not nothing:
            coming = pool.submit(work, following)
            yield result
            result, following = coming.result(), next(items, nothing)
        yield result
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
