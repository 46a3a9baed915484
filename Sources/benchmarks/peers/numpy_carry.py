#!/usr/bin/env python3
"""The workload in numpy, as one would write it by hand: signals on whole columns, and a search for
the next rebalance inside each holding period. Money is summed in whole numbers of 1e-13 USDT.

usage: numpy_carry.py DATA_DIR [--symbol 0]
"""
import argparse

import numpy as np

CENTS_STEP = 10**8  # price in 0.01 x quantity in 0.001, in 1e-13 USDT
CAPITAL, NOTIONAL, DRIFT = 200_000 * 10**13, 100_000 * 10**5, 500 * 10**5
ENTER, EXIT = 10_000_000, 2_000_000  # yearly, in 1e-8
FEE = {"spot": 10, "perp": 5}  # 1e-4


def read(path, scales):
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    columns = [np.rint(table[:, i + 1] * s).astype(np.int64) for i, s in enumerate(scales)]
    return [table[:, 0].astype(np.int64)] + columns


def holding_periods(times, settled, rates):
    """Pairs of bar places: where it enters and where it leaves; the last one may stay open."""
    annual = np.convolve(rates, np.ones(3, dtype=np.int64), "valid") * 365
    places = np.searchsorted(times, settled[2:])
    hot, cold = annual > ENTER, annual < EXIT
    periods, at = [], 0
    while at < len(annual):
        step = np.argmax(hot[at:])
        if not hot[at + step]:
            break
        start = at + step
        step = np.argmax(cold[start + 1 :]) if start + 1 < len(cold) else 0
        if start + 1 >= len(cold) or not cold[start + 1 + step]:
            periods.append((places[start], None))
            break
        periods.append((places[start], places[start + 1 + step]))
        at = start + 2 + step
    return periods


class Account:
    def __init__(self):
        self.cash = CAPITAL
        self.fills = 0
        self.slippage = 0
        self.fees = {"spot": 0, "perp": 0}
        self.result = {"spot": 0, "perp": 0}

    def trade(self, leg, side, quantity, close):
        quantity, close = int(quantity), int(close)
        price = (close * (10_000 + side) + 5_000) // 10_000
        fee = quantity * price * CENTS_STEP * FEE[leg] // 10_000
        self.cash -= side * quantity * price * CENTS_STEP + fee
        self.fees[leg] += fee
        self.slippage += quantity * abs(price - close) * CENTS_STEP
        self.result[leg] -= side * quantity * close * CENTS_STEP
        self.fills += 1


def run(times, spot, perp, settled, rates):
    account = Account()
    paid_at = np.searchsorted(times, settled)
    periods = holding_periods(times, settled, rates)
    rebalances = payments = funding = spot_q = perp_q = 0
    for start, end in periods:
        spot_q = perp_q = NOTIONAL // int(spot[start])
        account.trade("spot", 1, spot_q, spot[start])
        account.trade("perp", -1, perp_q, perp[start])
        stop = len(times) if end is None else end
        at = start
        while True:
            # The short is constant until the drift is too wide; settlements come before the trade.
            following, block = None, 4096
            for low in range(at + 1, stop, block):
                high = min(low + block, stop)
                drift = spot_q * spot[low:high] - perp_q * perp[low:high]
                wide = np.abs(drift) > DRIFT
                step = np.argmax(wide)
                if wide[step]:
                    following = low + step
                    break
            last = following if following is not None else (stop - 1 if end is None else end)
            due = slice(np.searchsorted(paid_at, at, "right"), np.searchsorted(paid_at, last, "right"))
            paid = perp_q * perp[paid_at[due]] * rates[due]
            funding += sum(paid.tolist())
            payments += len(paid)
            if following is None:
                break
            at = following
            drift, price = int(spot_q * spot[at] - perp_q * perp[at]), int(perp[at])
            quantity = (2 * abs(drift) + price) // (2 * price)
            side = -1 if drift > 0 else 1
            account.trade("perp", side, quantity, price)
            perp_q -= side * quantity
            rebalances += 1
        if end is not None:
            account.trade("spot", -1, spot_q, spot[end])
            account.trade("perp", 1, perp_q, perp[end])
            spot_q = perp_q = 0
    account.cash += funding
    held = {"spot": spot_q * int(spot[-1]), "perp": -perp_q * int(perp[-1])}
    for leg in held:
        account.result[leg] += held[leg] * CENTS_STEP
        account.cash += held[leg] * CENTS_STEP
    return {
        "entries": len(periods),
        "exits": sum(end is not None for _, end in periods),
        "rebalances": rebalances,
        "fills": account.fills,
        "funding_payments": payments,
        "funding": cents(funding),
        "fees_spot": cents(account.fees["spot"]),
        "fees_perp": cents(account.fees["perp"]),
        "slippage": cents(account.slippage),
        "spot_pnl": cents(account.result["spot"]),
        "perp_pnl": cents(account.result["perp"]),
        "final_equity": cents(account.cash),
        "open_spot_qty": f"{spot_q / 1000:.3f}",
        "open_perp_qty": f"{-perp_q / 1000:.3f}",
    }


def cents(money):
    """Text to the cent, halves away from zero."""
    whole = (abs(money) + 5 * 10**10) // 10**11
    return f"{'-' if money < 0 else ''}{whole // 100}.{whole % 100:02d}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("--symbol", type=int, default=0)
    arguments = parser.parse_args()
    name = f"{arguments.symbol:03d}.csv"
    times, spot, perp = read(f"{arguments.data}/bars_{name}", (100, 100))
    settled, rates = read(f"{arguments.data}/funding_{name}", (10**8,))
    figures = {"symbol": arguments.symbol} | run(times, spot, perp, settled, rates)
    print("{" + ",".join(f'"{name}":{value}' for name, value in figures.items()) + "}")


if __name__ == "__main__":
    main()
