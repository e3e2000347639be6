use router::Router;

fn main() -> wasmtime::Result<()> {
    let mut router = Router::new(&std::fs::read("core.wasm")?, b"")?;
    router.route(&[Some(b"11/21/26 03:51:06"), Some(b"11/21/26 03:51:07"), Some(b"no time")])?;
    for (index, name) in ["even", "odd"].iter().enumerate() {
        for value in router.output(index)? {
            println!("{name}: {}", String::from_utf8_lossy(&value));
        }
    }
    for entry in router.unroutable()? {
        println!("unroutable: value {} for reason {}", entry[0], entry[1]);
    }
    Ok(())
}
