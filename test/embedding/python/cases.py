"""Answers requests, a line each, by the router of the documentation."""
import sys

from router import Router


def answer(request):
    _, rule, *values = request.split(" ")
    try:
        router = Router(sys.argv[1], bytes.fromhex(rule))
        router.route([None if value == "null" else bytes.fromhex(value) for value in values])
    except ValueError as refusal:
        return f"!{refusal.args[0]}:{refusal.args[1]}"
    routed = [f"{index}={value.hex()}" for index in range(router.call("outputCount")) for value in router.output(index)]
    return " ".join(routed + ["?" + ":".join(map(str, entry)) for entry in router.unroutable()])


for line in sys.stdin:
    print(answer(line.rstrip("\n")))
