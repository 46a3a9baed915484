"""Trades one carry by hand with python-binance, and reads every part of it back."""

from decimal import Decimal

from binance.client import Client

from checks import KEY, SECRET, address, check, control, refused, same, true_balance, truth

client = Client(KEY, SECRET, ping=False)
client.API_URL = address("SPOT") + "/api"
client.MARGIN_API_URL = address("SPOT") + "/sapi"
client.FUTURES_URL = address("FUTURES") + "/fapi"
client.FUTURES_DATA_URL = address("FUTURES") + "/futures/data"


def synchronise():
    """The venue's clock is another year's."""
    import time

    client.timestamp_offset = client.get_server_time()["serverTime"] - int(time.time() * 1000)


def spot_total(asset):
    row = client.get_asset_balance(asset=asset)
    return Decimal(row["free"]) + Decimal(row["locked"])


def futures_wallet():
    rows = [row for row in client.futures_account_balance() if row["asset"] == "USDT"]
    return Decimal(rows[0]["balance"])


synchronise()

# Terms of both legs.
spot = client.get_symbol_info("ETHUSDT")
check((spot["baseAsset"], spot["quoteAsset"], spot["status"]) == ("ETH", "USDT", "TRADING"), "spot")
perp = [s for s in client.futures_exchange_info()["symbols"] if s["symbol"] == "ETHUSDT"][0]
check((perp["contractType"], perp["marginAsset"]) == ("PERPETUAL", "USDT"), "perpetual")
check(len(client.get_historical_klines("ETHUSDT", "1h", limit=10)) == 10, "ten bars")
rates = client.futures_funding_rate(symbol="ETHUSDT", limit=3)
check(len(rates) == 3 and rates[-1]["fundingTime"] % 28_800_000 < 1000, "settlements on the grid")

# How positions are held.
client.futures_change_margin_type(symbol="ETHUSDT", marginType="ISOLATED")
same(client.futures_change_leverage(symbol="ETHUSDT", leverage=3)["leverage"], 3, "leverage")
refused(
    -4046,
    lambda: client.futures_change_margin_type(symbol="ETHUSDT", marginType="ISOLATED"),
    "the same margin type",
)
check(client.futures_get_position_mode()["dualSidePosition"] is False, "one-way mode")

# The short, and what it cost.
cash = futures_wallet()
sold = client.futures_create_order(
    symbol="ETHUSDT", side="SELL", type="MARKET", quantity="0.5", newClientOrderId="hand-1",
    newOrderRespType="RESULT",
)
check((sold["status"], sold["clientOrderId"]) == ("FILLED", "hand-1"), f"sold: {sold}")
same(sold["executedQty"], "0.5", "executed")
trades = client.futures_account_trades(symbol="ETHUSDT")
same(sum(Decimal(t["qty"]) for t in trades), "0.5", "traded")
value = sum(Decimal(t["qty"]) * Decimal(t["price"]) for t in trades)
# The answer to an order does not say what it traded at; the query does.
order = client.futures_get_order(symbol="ETHUSDT", origClientOrderId="hand-1")
same(order["cumQuote"], value, "value of the order and of its trades")
fee = sum(Decimal(t["commission"]) for t in trades)
check(abs(fee - value * Decimal("0.0005")) < Decimal("0.0000001"), f"fee {fee} of {value}")
same(futures_wallet(), cash - fee, "wallet after the fee")
position = client.futures_position_information(symbol="ETHUSDT")[0]
same(position["positionAmt"], "-0.5", "position")
check(
    abs(Decimal(position["entryPrice"]) - value / Decimal("0.5")) < Decimal("0.00000001"),
    f"entry price {position['entryPrice']}",
)

# Its spot: the fee comes out of what is bought.
quote = spot_total("USDT")
bought = client.order_market_buy(symbol="ETHUSDT", quantity="0.5005", newClientOrderId="hand-2")
check(bought["status"] == "FILLED", f"bought: {bought}")
paid = sum(Decimal(f["qty"]) * Decimal(f["price"]) for f in bought["fills"])
fee = sum(Decimal(f["commission"]) for f in bought["fills"])
check({f["commissionAsset"] for f in bought["fills"]} == {"ETH"}, "fee in what was bought")
same(fee, Decimal("0.5005") * Decimal("0.001"), "fee")
same(spot_total("USDT"), quote - paid, "paid")
same(spot_total("ETH"), Decimal("0.5005") - fee, "received")
check(len(client.get_my_trades(symbol="ETHUSDT")) == len(bought["fills"]), "trades")
same(client.get_order(symbol="ETHUSDT", origClientOrderId="hand-2")["executedQty"], "0.5005", "order")

# An order that rests, and the same number again.
price = Decimal(client.get_symbol_ticker(symbol="ETHUSDT")["price"])
low = str((price * Decimal("0.9")).quantize(Decimal("0.01")))
resting = client.order_limit_buy(
    symbol="ETHUSDT", quantity="0.1", price=low, newClientOrderId="hand-3"
)
check([o["clientOrderId"] for o in client.get_open_orders(symbol="ETHUSDT")] == ["hand-3"], "rests")
same(client.get_asset_balance("USDT")["locked"], Decimal(low) * Decimal("0.1"), "locked")
refused(
    -2010,
    lambda: client.order_limit_buy(
        symbol="ETHUSDT", quantity="0.1", price=low, newClientOrderId="hand-3"
    ),
    "a number that is taken",
)
client.cancel_order(symbol="ETHUSDT", orderId=resting["orderId"])
check(client.get_open_orders(symbol="ETHUSDT") == [], "cancelled")
refused(-2013, lambda: client.get_order(symbol="ETHUSDT", origClientOrderId="none"), "unknown")
refused(
    -2022,
    lambda: client.futures_create_order(
        symbol="ETHUSDT", side="SELL", type="MARKET", quantity="0.1", reduceOnly="true"
    ),
    "reduce-only that would add",
)
refused(-1121, lambda: client.get_symbol_ticker(symbol="NOSUCH"), "unknown symbol")

# A transfer between wallets.
before = (spot_total("USDT"), futures_wallet())
client.make_universal_transfer(type="MAIN_UMFUTURE", asset="USDT", amount="250")
same(spot_total("USDT"), before[0] - 250, "left the spot wallet")
same(futures_wallet(), before[1] + 250, "came to the futures wallet")

# One settlement: the short is paid by the rate and the mark.
before = futures_wallet()
control("/time", {"to": "2024-01-10T08:00:01Z"})
synchronise()
paid = client.futures_income_history(symbol="ETHUSDT", incomeType="FUNDING_FEE")
check(len(paid) == 1, f"one payment: {paid}")
settled = client.futures_funding_rate(symbol="ETHUSDT", limit=1)[0]
exact = Decimal("0.5") * Decimal(settled["markPrice"]) * Decimal(settled["fundingRate"])
check(
    abs(Decimal(paid[0]["income"]) - exact) <= Decimal("0.00000001"),
    f"funding {paid[0]['income']}, must be {exact}",
)
same(futures_wallet(), before + Decimal(paid[0]["income"]), "wallet after funding")
same(truth("binance")["payments"][0]["amount"], paid[0]["income"], "payment in truth")

# Away with both legs.
closed = client.futures_create_order(
    symbol="ETHUSDT", side="BUY", type="MARKET", quantity="0.5", reduceOnly="true",
    newOrderRespType="RESULT",
)
check(closed["status"] == "FILLED", f"closed: {closed}")
client.order_market_sell(symbol="ETHUSDT", quantity="0.4999")
check(
    all(Decimal(p["positionAmt"]) == 0 for p in client.futures_position_information(symbol="ETHUSDT")),
    "flat",
)
realised = sum(Decimal(t["realizedPnl"]) for t in client.futures_account_trades(symbol="ETHUSDT"))
income = client.futures_income_history(symbol="ETHUSDT")
total = sum(Decimal(row["income"]) for row in income)
fees = sum(Decimal(t["commission"]) for t in client.futures_account_trades(symbol="ETHUSDT"))
same(total, realised - fees + Decimal(paid[0]["income"]), "income by its causes")
for wallet, found in (("spot", spot_total("USDT")), ("futures", futures_wallet())):
    same(found, true_balance("binance", wallet, "USDT"), f"{wallet} in truth")
same(spot_total("ETH"), true_balance("binance", "spot", "ETH"), "ETH in truth")
check(len(truth("binance")["fills"]) == len(trades) + len(bought["fills"]) + 2, "fills in truth")
print("all checks passed")
