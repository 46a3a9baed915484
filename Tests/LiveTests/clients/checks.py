"""What the runs of the clients share: checks, exact decimals, and the simulator's own truth."""

import json
import os
import urllib.request
from decimal import Decimal

KEY = os.environ["API_KEY"]
SECRET = os.environ["API_SECRET"]


def check(is_so, what):
    """Ends the run when something is not as it must be."""
    if not is_so:
        raise SystemExit(f"FAILED: {what}")


def same(found, wanted, what):
    """Compares two figures as exact decimals."""
    check(Decimal(str(found)) == Decimal(str(wanted)), f"{what}: {found}, must be {wanted}")


def address(port):
    """Of a port that the environment names."""
    return f"http://127.0.0.1:{os.environ[port]}"


def control(path, body=None):
    """Asks the simulator's control port."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(address("CONTROL") + path, data) as reply:
        return json.load(reply)


def truth(venue):
    """What is true at a venue."""
    return control("/truth")["venues"][venue]


def true_balance(venue, wallet, asset):
    """What a wallet holds in truth."""
    for row in truth(venue)["balances"]:
        if (row["wallet"], row["asset"]) == (wallet, asset):
            return Decimal(row["total"])
    return Decimal(0)


def refused(code, call, what):
    """Expects a refusal with the venue's own code."""
    try:
        call()
    except Exception as error:  # each client has classes of its own
        found = getattr(error, "code", getattr(error, "status_code", None))
        check(found == code, f"{what}: refused with {found} ({error}), must be {code}")
        return
    check(False, f"{what}: accepted, must be refused with {code}")
