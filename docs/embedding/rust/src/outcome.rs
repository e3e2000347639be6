use crate::Router;
use wasmtime::Result;

impl Router {
    /// Returns how many outputs the rule has.
    pub fn outputs(&mut self) -> Result<usize> {
        self.0.call("outputCount", &[])
    }

    /// Returns an output's values.
    pub fn output(&mut self, index: usize) -> Result<Vec<Vec<u8>>> {
        let core = &mut self.0;
        let (arena, ends) = (core.call("outputAddress", &[index])?, core.call("outputEndsAddress", &[index])?);
        let count = core.call("outputValueCount", &[index])?;
        let ends = core.words(ends, count);
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let memory = core.memory.data(&core.store);
        Ok(starts.zip(&ends).map(|(start, end)| memory[arena + start..arena + end].to_vec()).collect())
    }

    /// Returns index, reason and byte offset of each value that no output takes.
    pub fn unroutable(&mut self) -> Result<Vec<Vec<usize>>> {
        let (table, count) = (self.0.call("unroutableAddress", &[])?, self.0.call("unroutableCount", &[])?);
        Ok((0..count).map(|entry| self.0.words(table + 16 * entry, 3)).collect())
    }
}
