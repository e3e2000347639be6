"""Candidates in Python, for `remote.ts`: the sample's own logic in CPython (`sample`), or the core under wasmtime (`wasmtime`)."""

import base64
import json
import struct
import sys
import time

EVEN = b"Even timestamp: "
ODD = b"Odd timestamp:"


def sample(order):
    """Routes as the recipe's app does: int() of the last byte, and a new value by concatenation."""
    batches = [base64.b64decode(batch) for batch in order["batches"]]
    length = len(batches[0]) // order["batchRecords"]
    rotation = [[batch[at : at + length] for at in range(0, len(batch), length)] for batch in batches]

    def run(batch):
        even, odd = [], []
        for value in rotation[batch]:
            if int(value[-1:]) % 2 == 0:
                even.append(EVEN + value)
            else:
                odd.append(ODD + value)
        return even, odd

    def outputs(routed):
        made = []
        for values in routed:
            ends, end = [], 0
            for value in values:
                end += len(value)
                ends.append(end)
            made += [b"".join(values), struct.pack(f"<{len(ends)}I", *ends)]
        return made

    return run, outputs, len(rotation)


def core(order):
    """Calls the core's exports, on input that is in its memory already."""
    from wasmtime import Engine, Instance, Module, Store

    engine = Engine()
    store = Store(engine)
    exports = Instance(store, Module.from_file(engine, order["module"]), []).exports(store)
    memory = exports["memory"]
    batches = [base64.b64decode(batch) for batch in order["batches"]]
    records = order["batchRecords"]
    inputs = b"".join(batches)
    room = max(len(batch) for batch in batches) + 17 * records

    def call(name, *arguments):
        if exports[name](store, *arguments) != 0:
            raise SystemExit(f"{name} failed")

    def read(address, length):
        return bytes(memory.read(store, address, address + length))

    call("configure", 0)
    call("reserve", len(inputs), room, records * len(batches))
    memory.write(store, inputs, exports["inputAddress"](store))
    if order["job"] == "values":
        length = len(batches[0]) // records
        table = b"".join(struct.pack("<II", length * index, length) for index in range(records * len(batches)))
        memory.write(store, table, exports["valueTableAddress"](store))
        route = exports["routeValues"]
        return (
            lambda batch: route(store, batch * records, records),
            lambda _: [
                part
                for index in (0, 1)
                for part in (
                    read(exports["outputAddress"](store, index), exports["outputValueBytes"](store, index)),
                    read(exports["outputEndsAddress"](store, index), 4 * exports["outputValueCount"](store, index)),
                )
            ],
            len(batches),
        )
    offsets = [sum(len(batch) for batch in batches[:index]) for index in range(len(batches))]

    def run(batch):
        call("openBatches", room)
        call("routeRecordBatch", offsets[batch], len(batches[batch]), 0, 0)
        call("finishBatches")

    return run, lambda _: [read(exports["outputAddress"](store, index), exports["batchLength"](store, index)) for index in (0, 1)], len(batches)


run, outputs, batch_count = {"sample": sample, "wasmtime": core}[sys.argv[1]](json.loads(sys.stdin.readline()))
batch = 0
for line in sys.stdin:
    what, number = line.split()
    if what == "run":
        answer = [base64.b64encode(part).decode() for part in outputs(run(int(number)))]
    else:
        start = time.process_time_ns()
        for _ in range(int(number)):
            run(batch)
            batch = (batch + 1) % batch_count
        answer = time.process_time_ns() - start
    print(json.dumps(answer), flush=True)
