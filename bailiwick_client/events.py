"""A job followed by server-sent events."""

import json
from collections.abc import Callable, Iterable, Iterator

import httpx

from bailiwick_client.errors import error_of
from bailiwick_client.models import Job


def jobs_of(client: httpx.Client, address: str, look: Callable[[], Job]) -> Iterator[Job]:
    """The job in each event; where the stream breaks off, `look` tells whether it goes on."""
    while True:
        try:
            with client.stream("GET", address, timeout=httpx.Timeout(60.0, read=None)) as stream:
                if not stream.is_success:
                    stream.read()
                    raise error_of(stream)
                for data in events(stream.iter_lines()):
                    job = Job.of(json.loads(data))
                    yield job
                    if job.is_over:
                        return
        except httpx.TransportError:
            pass  # a proxy may cut a long stream
        job = look()
        if job.is_over:
            yield job
            return


def events(lines: Iterable[str]) -> Iterator[str]:
    """The data of each event of a stream of lines."""
    data: list[str] = []
    for line in lines:
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []
