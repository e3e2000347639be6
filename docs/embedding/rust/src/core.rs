use crate::Refusal;
use wasmtime::{Engine, Instance, Memory, Module, Result, Store, Val};

/// An instance of the core. The core's binary interface, docs/abi.md, says what each call does.
pub struct Core {
    pub store: Store<()>,
    pub memory: Memory,
    instance: Instance,
}

impl Core {
    pub fn new(wasm: &[u8]) -> Result<Core> {
        let mut store = Store::new(&Engine::default(), ());
        let module = Module::new(store.engine(), wasm)?;
        let instance = Instance::new(&mut store, &module, &[])?;
        let memory = instance.get_memory(&mut store, "memory").expect("the core exports its memory");
        Ok(Core { store, memory, instance })
    }

    pub fn call(&mut self, name: &str, arguments: &[usize]) -> Result<usize> {
        let function = self.instance.get_func(&mut self.store, name).expect(name);
        let arguments: Vec<Val> = arguments.iter().map(|&number| Val::I32(number as i32)).collect();
        let mut results = [Val::I32(0)];
        function.call(&mut self.store, &arguments, &mut results)?;
        Ok(results[0].unwrap_i32() as usize)
    }

    pub fn demand(&mut self, name: &str, arguments: &[usize]) -> Result<()> {
        match self.call(name, arguments)? {
            0 => Ok(()),
            status => Err(Refusal { status, rule_offset: self.call("faultOffset", &[])? }.into()),
        }
    }

    pub fn words(&self, address: usize, count: usize) -> Vec<usize> {
        let words = self.memory.data(&self.store)[address..address + 4 * count].chunks(4);
        words.map(|word| u32::from_le_bytes(word.try_into().unwrap()) as usize).collect()
    }
}
