"""Does the jobs of `job.ts` by a component in wasmtime: one JSON object a line comes in, one goes out."""

import base64
import json
import sys

from wasmtime import Engine, Store
from wasmtime.component import Component, Linker, Record, Variant

INTERFACE = "timestamp-router:core/routing@0.1.0"


class Routing:
    """An instance of the component, by the functions of its interface."""

    def __init__(self, path):
        engine = Engine()
        component = Component.from_file(engine, path)
        if list(component.type.imports(engine)):
            raise RuntimeError("the component imports something")
        self.store = Store(engine)
        self.instance = Linker(engine).instantiate(self.store, component)
        self.interface = self.instance.get_export_index(self.store, INTERFACE)

    def call(self, name, *arguments):
        """Returns a result, which is a text when it is the case of an enum, that is an error."""
        index = self.instance.get_export_index(self.store, name, self.interface)
        result = self.instance.get_func(self.store, index)(self.store, *arguments)
        return result.payload if isinstance(result, Variant) else result


def text(value):
    return base64.b64encode(bytes(value)).decode()


def unroutable(entries):
    return [
        {
            "position": one.position,
            "reason": one.reason,
            "byteOffset": getattr(one, "byte-offset"),
            "recordOffset": getattr(one, "record-offset"),
        }
        for one in entries
    ]


def decision(routing, router, value):
    result = routing.call("[method]router.route", router, value)
    return {"reason": result} if isinstance(result, str) else {"output": result.output, "value": text(result.value)}


def packed(routing, router, values):
    argument, end = Record(), 0
    argument.bytes, argument.ends = b"".join(values), []
    for value in values:
        end += len(value)
        argument.ends.append(end)
    result = routing.call("[method]router.route-packed-values", router, argument)
    return {
        "outputs": [[text(one.bytes), list(one.ends)] for one in result.outputs],
        "unroutable": unroutable(result.unroutable),
    }


def batch_calls(routing, router, batch, offset, bytes_max):
    """Routes a batch by as many calls as it takes."""
    calls = []
    while True:
        result = routing.call("[method]router.route-record-batch", router, batch, offset, bytes_max, False)
        if isinstance(result, str):
            return [*calls, {"error": result}]
        offset = getattr(result, "next-offset")
        calls.append(
            {
                "outputs": [
                    {"output": one.output, "bytes": text(one.bytes), "recordCount": getattr(one, "record-count")}
                    for one in result.outputs
                ],
                "unroutable": unroutable(result.unroutable),
                "tombstones": result.tombstones,
                "full": result.full,
                "nextOffset": str(offset),
            }
        )
        if not result.full:
            return calls


def answer(routing, job):
    router = routing.call("[static]router.create", job["rule"])
    if isinstance(router, Record):
        return {"fault": {"error": router.error, "offset": router.offset}}
    values = [None if value is None else base64.b64decode(value) for value in job["values"]]
    answered = {
        "names": list(routing.call("[method]router.outputs", router)),
        "decisions": [decision(routing, router, value) for value in values],
        "packed": packed(routing, router, [value for value in values if value is not None]),
        "batches": [
            batch_calls(routing, router, base64.b64decode(one["bytes"]), int(one["fetchOffset"]), job["batchBytesMax"])
            for one in job["batches"]
        ],
    }
    router.drop(routing.store)
    return answered


ROUTING = Routing(sys.argv[1])
for line in sys.stdin:
    print(json.dumps(answer(ROUTING, json.loads(line))), flush=True)
