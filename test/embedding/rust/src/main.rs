//! Answers requests, a line each, by the router of the documentation.
use router::{Refusal, Router};

fn bytes_of(word: &str) -> Option<Vec<u8>> {
    let pairs = (0..word.len() / 2).map(|pair| u8::from_str_radix(&word[2 * pair..2 * pair + 2], 16).expect("hexadecimal"));
    (word != "null").then(|| pairs.collect())
}

fn routed(wasm: &[u8], request: &str) -> wasmtime::Result<String> {
    let mut words = request.split(' ').skip(1).map(bytes_of);
    let rule = words.next().flatten().unwrap_or_default();
    let values: Vec<Option<Vec<u8>>> = words.collect();
    let mut router = Router::new(wasm, &rule)?;
    router.route(&values.iter().map(|value| value.as_deref()).collect::<Vec<_>>())?;
    let mut items = Vec::new();
    for index in 0..router.outputs()? {
        for value in router.output(index)? {
            let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
            items.push(format!("{index}={hex}"));
        }
    }
    for entry in router.unroutable()? {
        items.push(format!("?{}:{}:{}", entry[0], entry[1], entry[2]));
    }
    Ok(items.join(" "))
}

fn main() {
    let wasm = std::fs::read(std::env::args().nth(1).expect("the core's path")).expect("the core");
    for request in std::io::stdin().lines() {
        let answer = routed(&wasm, &request.expect("a line")).unwrap_or_else(|error| match error.downcast_ref::<Refusal>() {
            Some(refusal) => format!("!{}:{}", refusal.status, refusal.rule_offset),
            None => panic!("{error}"),
        });
        println!("{answer}");
    }
}
