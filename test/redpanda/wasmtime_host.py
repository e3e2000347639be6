"""Runs a guest in wasmtime, configured as the broker configures it (src/v/wasm/wasmtime.cc:1308-1364), and counts its fuel.

One JSON object a line comes in, one goes out. In: `wasm` (Base64), `functions` (the type of every host function, by module and name),
`environment` (pairs), `topics`, and `batches` of {`baseOffset`, `timestamp`, `records` of [timestamp, offset, payload in Base64]}.
Out: `written` ([topic or null, payload in Base64]), `log` ([fd, text]), `startFuel`, `recordFuel` (one number a record), `pages`, and `error`,
which says what kept the module from running or ended it, or null when it ran until there were no more batches.
"""

import base64
import json
import struct
import sys

from wasmtime import Config, Engine, Func, FuncType, Linker, Memory, Module, Store, Trap, ValType, WasmtimeError

FUEL = 6_000_000_000
MEMORY_BYTES_MAX = 2 * 1024 * 1024
WASM_STACK_BYTES = 64 * 1024
TABLE_ELEMENTS_MAX = 16_384
NOSYS = 52


class EndOfBatches(Exception):
    """Unwinds a guest that asks for more batches than there are."""


def engine() -> Engine:
    """The features are those of wasmtime 20, the oldest that a broker with this ABI has, and reference types, which this build insists on."""
    config = Config()
    config.consume_fuel = True
    config.cranelift_opt_level = "speed"
    config.max_wasm_stack = WASM_STACK_BYTES
    config.memory_init_cow = False
    config.memory_reservation = 0
    config.memory_guard_size = 0
    config.memory_reservation_for_growth = 0
    config.wasm_bulk_memory = True
    for feature in ("exceptions", "function_references", "gc", "memory64", "multi_memory", "tail_call", "threads"):
        setattr(config, f"wasm_{feature}", False)
    return Engine(config)


ENGINE = engine()


class Vm:
    """One instance of a guest and what its host functions work on."""

    def __init__(self, request: dict) -> None:
        self.request = request
        self.store = Store(ENGINE)
        self.store.set_limits(MEMORY_BYTES_MAX, TABLE_ELEMENTS_MAX, 1, 1, 1)
        self.store.set_fuel(FUEL)
        self.memory: Memory | None = None
        self.batches = iter(request["batches"])
        self.records: list = []
        self.next = 0
        self.is_active = False
        self.answer = {"written": [], "log": [], "startFuel": 0, "recordFuel": [], "pages": 0, "error": None}

    def run(self) -> dict:
        try:
            self.instantiate()
            self.start(self.store)
            self.answer["error"] = "vm has exited"
        except EndOfBatches:
            pass
        except (Trap, WasmtimeError) as error:
            self.answer["error"] = str(error)
        if self.memory is not None:
            self.answer["pages"] = self.memory.size(self.store)
        return self.answer

    def instantiate(self) -> None:
        module = Module(ENGINE, base64.b64decode(self.request["wasm"]))
        linker = Linker(ENGINE)
        for owner, functions in self.request["functions"].items():
            for name, text in functions.items():
                self.define(linker, owner, name, text)
        exports = linker.instantiate(self.store, module).exports(self.store)
        self.memory = exports["memory"]
        self.start = exports["_start"]

    def define(self, linker: Linker, owner: str, name: str, text: str) -> None:
        parameters, results = ([getattr(ValType, one)() for one in side.split()] for side in text.split("->"))
        body = getattr(self, name, (lambda *_: NOSYS) if results else (lambda *_: None))
        linker.define(self.store, owner, name, Func(self.store, FuncType(parameters, results), body))

    def put(self, pointer: int, layout: str, *values: int) -> None:
        self.memory.write(self.store, struct.pack("<" + layout, *values), pointer & 0xFFFFFFFF)

    def get(self, pointer: int, length: int) -> bytes:
        pointer &= 0xFFFFFFFF
        return bytes(self.memory.read(self.store, pointer, pointer + length)) if length else b""

    def read_batch_header(self, *pointers: int) -> int:
        if self.next > 0:
            self.count_fuel()
        elif not self.is_active:
            self.answer["startFuel"] = FUEL - self.store.get_fuel()
        batch = next(self.batches, None)
        if batch is None:
            raise EndOfBatches
        self.is_active = True
        self.records = [(time, offset, base64.b64decode(payload)) for time, offset, payload in batch["records"]]
        self.next = 0
        base, time, count = int(batch["baseOffset"]), int(batch["timestamp"]), len(self.records)
        values = (base, count, 1, 0, count - 1, time, time, -1, -1, -1)
        for pointer, layout, value in zip(pointers, "qiihiqqqhi", values):
            self.put(pointer, layout, value)
        return max((len(payload) for _, _, payload in self.records), default=0)

    def read_next_record(self, attributes: int, timestamp: int, offset: int, buffer: int, length: int) -> int:
        if not self.is_active or self.next == len(self.records):
            return -1
        if self.next > 0:
            self.count_fuel()
        time, position, payload = self.records[self.next]
        if length < len(payload):
            return -2
        self.next += 1
        self.put(attributes, "b", 0)
        self.put(timestamp, "q", int(time))
        self.put(offset, "q", int(position))
        self.memory.write(self.store, payload, buffer & 0xFFFFFFFF)
        # The broker fills the fuel up for each record, so that it is not to be taken for a budget of a batch.
        self.store.set_fuel(FUEL)
        return len(payload)

    def count_fuel(self) -> None:
        self.answer["recordFuel"].append(FUEL - self.store.get_fuel())

    def write_record(self, buffer: int, length: int) -> int:
        return self.write_record_with_options(buffer, length, 0, 0)

    def write_record_with_options(self, buffer: int, length: int, options: int, options_length: int) -> int:
        if not self.is_active:
            return -1
        # { 0x01, length of the topic in one or two bytes, topic }
        text = self.get(options, options_length)
        topic = text[2 if text[1] < 0x80 else 3 :].decode() if text else None
        if topic is not None and topic not in self.request["topics"]:
            return -3
        self.answer["written"].append([topic, base64.b64encode(self.get(buffer, length)).decode()])
        return length

    def environ(self) -> list:
        return [f"{key}={value}\0".encode() for key, value in self.request["environment"]]

    def environ_sizes_get(self, count: int, size: int) -> int:
        self.put(count, "I", len(self.environ()))
        self.put(size, "I", sum(map(len, self.environ())))
        return 0

    def environ_get(self, pointers: int, buffer: int) -> int:
        for index, text in enumerate(self.environ()):
            self.put(pointers + 4 * index, "I", buffer)
            self.memory.write(self.store, text, buffer)
            buffer += len(text)
        return 0

    def fd_write(self, descriptor: int, iovecs: int, count: int, written: int) -> int:
        pairs = [struct.unpack("<II", self.get(iovecs + 8 * index, 8)) for index in range(count)]
        text = b"".join(self.get(pointer, length) for pointer, length in pairs)
        self.answer["log"].append([descriptor, text.decode(errors="replace")])
        self.put(written, "I", len(text))
        return 0


for line in sys.stdin:
    print(json.dumps(Vm(json.loads(line)).run()), flush=True)
