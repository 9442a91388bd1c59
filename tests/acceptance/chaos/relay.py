"""The relay under chaos, which loses patience sooner than one in production."""

from __future__ import annotations

import sys

from indelible.outbox.relay import Relay
from indelible.outbox.rq import RQTransport
from tests.acceptance.chaos.app import engine

if __name__ == "__main__":
    transport = RQTransport.from_url(sys.argv[2], app="tests.acceptance.chaos.app:worker")
    Relay(engine, transport=transport, poll=0.2, patience=5.0).run()
