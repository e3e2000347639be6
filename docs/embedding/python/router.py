"""Routes values by the core in wasmtime. The core's binary interface, docs/abi.md, says what each call does."""
from struct import iter_unpack, pack
from wasmtime import Engine, Instance, Module, Store

class Router:
    """One instance of the core with one rule, for one thread. What the core refuses is a ValueError(status, fault offset in the rule)."""
    def __init__(self, path, rule=b""):
        self.store = Store(Engine())
        self.core = Instance(self.store, Module.from_file(self.store.engine, path), []).exports(self.store)
        assert self.call("abiVersion") == 1, "a core of another ABI version"
        self.core["memory"].write(self.store, rule[:16384], self.call("ruleAddress"))  # what is longer is refused by its length alone
        self.check(self.call("configure", len(rule)))

    def route(self, values):
        """Routes bytes, None for a tombstone, in one call. What became of them can be read until the next one."""
        data, table = bytearray(), bytearray()
        for value in values:
            table += pack("<II", len(data), 0xFFFFFFFF if value is None else len(value))
            data += value or b""
        self.check(self.call("reserve", len(data), len(data) + 255 * len(values), len(values)))  # a prefix has at most 255 bytes
        self.core["memory"].write(self.store, data, self.call("inputAddress"))
        self.core["memory"].write(self.store, table, self.call("valueTableAddress"))
        self.check(self.call("routeValues", 0, len(values)))

    def output(self, index):
        """Returns an output's values."""
        arena = self.read(self.call("outputAddress", index), self.call("outputValueBytes", index))
        ends = [end for (end,) in iter_unpack("<I", self.read(self.call("outputEndsAddress", index), 4 * self.call("outputValueCount", index)))]
        return [arena[start:end] for start, end in zip([0] + ends, ends)]

    def unroutable(self):
        """Returns index, reason and byte offset of each value that no output takes."""
        return [entry[:3] for entry in iter_unpack("<IIII", self.read(self.call("unroutableAddress"), 16 * self.call("unroutableCount")))]

    def call(self, name, *arguments): return self.core[name](self.store, *arguments)

    def read(self, address, length): return bytes(self.core["memory"].read(self.store, address, address + length))

    def check(self, status):
        if status != 0: raise ValueError(status, self.call("faultOffset"))
