from router import Router

router = Router("core.wasm")
router.route([b"11/21/26 03:51:06", b"11/21/26 03:51:07", b"no time"])
for index, name in enumerate(["even", "odd"]):
    for value in router.output(index):
        print(f"{name}: {value.decode()}")
for index, reason, byte_offset in router.unroutable():
    print(f"unroutable: value {index} for reason {reason}")
