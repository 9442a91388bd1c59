"""Workers killed and paused, servers stopped, and a ledger that is audited afterwards."""
