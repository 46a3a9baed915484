"""Trades one carry by hand with pybit, and reads every part of it back."""

import time
from decimal import Decimal

import pybit._helpers as helpers
from pybit.unified_trading import HTTP

from checks import KEY, SECRET, address, check, control, refused, same, true_balance, truth

offset = 0
# The venue's clock is another year's.
helpers.generate_timestamp = lambda: int(time.time() * 1000) + offset
session = HTTP(api_key=KEY, api_secret=SECRET, recv_window=10_000, max_retries=1)
session.endpoint = address("BYBIT")


def result(reply):
    check(reply["retCode"] == 0, f"{reply}")
    return reply["result"]


def synchronise():
    global offset
    offset = result(session.get_server_time())
    offset = int(offset["timeNano"]) // 1_000_000 - int(time.time() * 1000)


def coin(name):
    """What the unified account holds of a coin."""
    account = result(session.get_wallet_balance(accountType="UNIFIED"))["list"][0]
    rows = [row for row in account["coin"] if row["coin"] == name]
    return Decimal(rows[0]["walletBalance"]) if rows else Decimal(0)


def executions(category, number):
    """The trades of an order, once it has traded."""
    for _ in range(50):
        rows = result(
            session.get_executions(category=category, symbol="ETHUSDT", orderLinkId=number)
        )["list"]
        if rows:
            return [row for row in rows if row["execType"] == "Trade"]
        time.sleep(0.1)
    return []


synchronise()

# Terms of both legs.
spot = result(session.get_instruments_info(category="spot", symbol="ETHUSDT"))["list"][0]
check((spot["baseCoin"], spot["quoteCoin"], spot["status"]) == ("ETH", "USDT", "Trading"), "spot")
perp = result(session.get_instruments_info(category="linear", symbol="ETHUSDT"))["list"][0]
check((perp["contractType"], perp["fundingInterval"]) == ("LinearPerpetual", 480), "perpetual")
bars = result(session.get_kline(category="linear", symbol="ETHUSDT", interval=60, limit=10))["list"]
check(len(bars) == 10 and int(bars[0][0]) > int(bars[1][0]), "ten bars, newest first")
rates = result(session.get_funding_rate_history(category="linear", symbol="ETHUSDT", limit=3))["list"]
check(len(rates) == 3 and int(rates[0]["fundingRateTimestamp"]) % 28_800_000 == 0, "settlements")

# How positions are held.
result(session.set_margin_mode(setMarginMode="ISOLATED_MARGIN"))
result(
    session.set_leverage(category="linear", symbol="ETHUSDT", buyLeverage="3", sellLeverage="3")
)
refused(
    110043,
    lambda: session.set_leverage(
        category="linear", symbol="ETHUSDT", buyLeverage="3", sellLeverage="3"
    ),
    "the same leverage",
)
check(result(session.get_account_info())["marginMode"] == "ISOLATED_MARGIN", "margin mode")

# The short, and what it cost.
cash = coin("USDT")
result(
    session.place_order(
        category="linear", symbol="ETHUSDT", side="Sell", orderType="Market", qty="0.5",
        orderLinkId="hand-1",
    )
)
trades = executions("linear", "hand-1")
same(sum(Decimal(t["execQty"]) for t in trades), "0.5", "traded")
value = sum(Decimal(t["execQty"]) * Decimal(t["execPrice"]) for t in trades)
fee = sum(Decimal(t["execFee"]) for t in trades)
check(abs(fee - value * Decimal("0.00055")) < Decimal("0.0000001"), f"fee {fee} of {value}")
same(coin("USDT"), cash - fee, "wallet after the fee")
order = result(session.get_open_orders(category="linear", symbol="ETHUSDT", orderLinkId="hand-1"))
check(order["list"][0]["orderStatus"] == "Filled", f"order: {order}")
position = result(session.get_positions(category="linear", symbol="ETHUSDT"))["list"][0]
check((position["side"], Decimal(position["size"])) == ("Sell", Decimal("0.5")), f"{position}")
check(
    abs(Decimal(position["avgPrice"]) - value / Decimal("0.5")) < Decimal("0.00000001"),
    f"entry price {position['avgPrice']}",
)

# Its spot: the fee comes out of what is bought.
cash = coin("USDT")
result(
    session.place_order(
        category="spot", symbol="ETHUSDT", side="Buy", orderType="Market", qty="0.5005",
        marketUnit="baseCoin", orderLinkId="hand-2",
    )
)
bought = executions("spot", "hand-2")
paid = sum(Decimal(t["execQty"]) * Decimal(t["execPrice"]) for t in bought)
fee = sum(Decimal(t["execFee"]) for t in bought)
same(sum(Decimal(t["execQty"]) for t in bought), "0.5005", "bought")
same(fee, Decimal("0.5005") * Decimal("0.001"), "fee")
same(coin("USDT"), cash - paid, "paid")
same(coin("ETH"), Decimal("0.5005") - fee, "received")

# An order that rests, and the same number again.
ticker = result(session.get_tickers(category="spot", symbol="ETHUSDT"))["list"][0]
low = str((Decimal(ticker["lastPrice"]) * Decimal("0.9")).quantize(Decimal("0.01")))
rest = {
    "category": "spot", "symbol": "ETHUSDT", "side": "Buy", "orderType": "Limit", "qty": "0.1",
    "price": low, "orderLinkId": "hand-3",
}
result(session.place_order(**rest))
time.sleep(0.5)
open_orders = result(session.get_open_orders(category="spot", symbol="ETHUSDT"))["list"]
check([o["orderLinkId"] for o in open_orders if o["orderStatus"] == "New"] == ["hand-3"], "rests")
refused(170141, lambda: session.place_order(**rest), "a number that is taken")
result(session.cancel_order(category="spot", symbol="ETHUSDT", orderLinkId="hand-3"))
time.sleep(0.5)
open_orders = result(session.get_open_orders(category="spot", symbol="ETHUSDT"))["list"]
check(not [o for o in open_orders if o["orderStatus"] == "New"], "cancelled")
refused(
    110017,
    lambda: session.place_order(
        category="linear", symbol="ETHUSDT", side="Sell", orderType="Market", qty="0.1",
        reduceOnly=True,
    ),
    "reduce-only that would add",
)
refused(10001, lambda: session.get_tickers(category="linear", symbol="NOSUCH"), "unknown symbol")

# One settlement: the short is paid by the rate and the mark.
cash = coin("USDT")
control("/time", {"to": "2024-01-10T08:00:01Z"})
synchronise()
log = result(session.get_transaction_log(accountType="UNIFIED", category="linear", type="SETTLEMENT"))
check(len(log["list"]) == 1, f"one payment: {log}")
payment = Decimal(log["list"][0]["funding"])
payment = payment if payment else Decimal(log["list"][0]["change"])
same(coin("USDT"), cash + Decimal(log["list"][0]["change"]), "wallet after funding")
settled = result(session.get_executions(category="linear", symbol="ETHUSDT", execType="Funding"))
row = settled["list"][0]
rates = result(session.get_funding_rate_history(category="linear", symbol="ETHUSDT", limit=1))["list"]
exact = Decimal("0.5") * Decimal(row["markPrice"]) * Decimal(rates[0]["fundingRate"])
check(
    abs(abs(Decimal(row["execFee"])) - abs(exact)) <= Decimal("0.00000001"),
    f"funding {row['execFee']}, must be {exact}",
)
# What is paid is positive there, and the opposite in the log.
same(-Decimal(row["execFee"]), log["list"][0]["change"], "payment and log")
same(truth("bybit")["payments"][0]["amount"], log["list"][0]["change"], "payment in truth")

# Away with both legs.
result(
    session.place_order(
        category="linear", symbol="ETHUSDT", side="Buy", orderType="Market", qty="0.5",
        reduceOnly=True, orderLinkId="hand-4",
    )
)
same(sum(Decimal(t["execQty"]) for t in executions("linear", "hand-4")), "0.5", "closed")
result(
    session.place_order(
        category="spot", symbol="ETHUSDT", side="Sell", orderType="Market", qty="0.4999",
        orderLinkId="hand-5",
    )
)
same(sum(Decimal(t["execQty"]) for t in executions("spot", "hand-5")), "0.4999", "sold")
position = result(session.get_positions(category="linear", symbol="ETHUSDT"))["list"]
check(all(Decimal(p["size"] or 0) == 0 for p in position), "flat")
for name in ("USDT", "ETH"):
    same(coin(name), true_balance("bybit", "unified", name), f"{name} in truth")
same(
    sum(Decimal(f["quantity"]) for f in truth("bybit")["fills"]),
    Decimal("0.5") + Decimal("0.5005") + Decimal("0.5") + Decimal("0.4999"),
    "fills in truth",
)
print("all checks passed")
