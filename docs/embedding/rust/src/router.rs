use crate::core::Core;
use wasmtime::Result;

/// One instance of the core with one rule, for one thread.
pub struct Router(pub(crate) Core);

impl Router {
    /// Takes the bytes of core.wasm and rule text. What the core refuses is a `Refusal`.
    pub fn new(wasm: &[u8], rule: &[u8]) -> Result<Router> {
        let mut core = Core::new(wasm)?;
        assert_eq!(core.call("abiVersion", &[])?, 1, "a core of another ABI version");
        let address = core.call("ruleAddress", &[])?;
        core.memory.write(&mut core.store, address, &rule[..rule.len().min(16384)])?; // more is refused by its length alone
        core.demand("configure", &[rule.len()])?;
        Ok(Router(core))
    }

    /// Routes values, None for a tombstone, in one call. What became of them can be read until the next one.
    pub fn route(&mut self, values: &[Option<&[u8]>]) -> Result<()> {
        let core = &mut self.0;
        let length: usize = values.iter().flatten().map(|value| value.len()).sum();
        core.demand("reserve", &[length, length + 255 * values.len(), values.len()])?; // a prefix has at most 255 bytes
        let (mut input, mut pair) = (core.call("inputAddress", &[])?, core.call("valueTableAddress", &[])?);
        let first = input;
        for value in values {
            let length = value.map_or(u32::MAX, |bytes| bytes.len() as u32);
            core.memory.write(&mut core.store, pair, &((input - first) as u32).to_le_bytes())?;
            core.memory.write(&mut core.store, pair + 4, &length.to_le_bytes())?;
            core.memory.write(&mut core.store, input, value.unwrap_or_default())?;
            (input, pair) = (input + value.unwrap_or_default().len(), pair + 8);
        }
        core.demand("routeValues", &[0, values.len()])
    }
}
