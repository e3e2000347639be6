"""Counts wasmtime's fuel for the core's rules: the operators that run, which are the same on every machine.

Reads from standard input one JSON object: `module` is the path of the core, `batch` a RecordBatch in base64, `values` values in base64, `rules`
rule texts by name. Writes one JSON object: by name, fuel a value, and fuel a record: for the CRC of the input, for parsing, deciding and copying, and
for the headers and CRCs of the outputs.
"""

import base64
import json
import struct
import sys

from wasmtime import Config, Engine, Instance, Module, Store

FUEL = 10**12
CRC_END = 21

config = Config()
config.consume_fuel = True
engine = Engine(config)
order = json.load(sys.stdin)
module = Module.from_file(engine, order["module"])
batch = base64.b64decode(order["batch"])
values = [base64.b64decode(value) for value in order["values"]]


def count(rule):
    store = Store(engine)
    store.set_fuel(FUEL)
    core = Instance(store, module, []).exports(store)
    memory = core["memory"]

    def call(name, *arguments):
        before = store.get_fuel()
        result = core[name](store, *arguments)
        return (before - store.get_fuel()) / len(values), result

    def fuel_of(name, *arguments):
        fuel, result = call(name, *arguments)
        if result != 0:
            raise SystemExit(f"{name} failed with the rule {rule!r}")
        return fuel

    memory.write(store, rule.encode(), core["ruleAddress"](store))
    fuel_of("configure", len(rule.encode()))
    fuel_of("reserve", len(batch), 4 * len(batch), len(values))
    memory.write(store, batch, core["inputAddress"](store))
    # The CRC field covers what is behind it.
    input_crc, _ = call("crc32c", CRC_END, len(batch) - CRC_END)
    opened = fuel_of("openBatches", 4 * len(batch))
    routed = fuel_of("routeRecordBatch", 0, len(batch), 0, 0)
    record = {"inputCrc": input_crc, "routing": opened + routed - input_crc, "outputs": fuel_of("finishBatches")}
    memory.write(store, b"".join(values), core["inputAddress"](store))
    offset = 0
    for index, value in enumerate(values):
        memory.write(store, struct.pack("<II", offset, len(value)), core["valueTableAddress"](store) + 8 * index)
        offset += len(value)
    return {"value": fuel_of("routeValues", 0, len(values)), "record": record}


json.dump({name: count(rule) for name, rule in order["rules"].items()}, sys.stdout)
