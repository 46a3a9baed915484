#!/usr/bin/env python3
"""Decodes market frames to exact decimals with every JSON library that is installed.

usage: decode_frames.py FILE    lines of: kind, tab, frame
Prints kind, library and nanoseconds a frame of the fastest pass, separated by tabs.
"""
import importlib
import json
import sys
import time
from decimal import Decimal

PASSES = 20


def spot_book(data):
    return data["s"], data["u"], Decimal(data["b"]), Decimal(data["a"])


def perp_book(data):
    return data["s"], data["u"], Decimal(data["b"]), Decimal(data["a"]), data["E"], data["T"]


def mark(data):
    return data["s"], Decimal(data["p"]), Decimal(data["r"]), data["E"], data["T"]


def bybit_book(data):
    return data["s"], Decimal(data["b"][0][0]), Decimal(data["a"][0][0])


def bybit_ticker(data):
    return data["symbol"], Decimal(data["markPrice"])


READERS = {
    "binance spot bookTicker": spot_book,
    "binance perp bookTicker": perp_book,
    "binance markPrice": mark,
    "bybit orderbook.1": bybit_book,
    "bybit ticker delta": bybit_ticker,
}


def loaders():
    yield "json", json.loads
    for name, attribute in (("orjson", "loads"), ("msgspec.json", "decode")):
        try:
            yield name.split(".")[0], getattr(importlib.import_module(name), attribute)
        except ImportError:
            pass


def main():
    kinds = {}
    with open(sys.argv[1], "rb") as file:
        for line in file:
            kind, frame = line.rstrip(b"\n").split(b"\t", 1)
            kinds.setdefault(kind.decode(), []).append(frame)
    for kind, frames in kinds.items():
        read = READERS[kind]
        for library, loads in loaders():
            best = None
            for _ in range(PASSES):
                begin = time.perf_counter_ns()
                for frame in frames:
                    read(loads(frame)["data"])
                taken = time.perf_counter_ns() - begin
                best = taken if best is None else min(best, taken)
            print(kind, library, best / len(frames), sep="\t")


if __name__ == "__main__":
    main()
