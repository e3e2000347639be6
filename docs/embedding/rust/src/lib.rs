//! Routes values by the core in wasmtime.
mod core;
mod outcome;
mod router;

pub use crate::router::Router;

/// A status of the core, and for a fault in a rule the byte offset in its text.
#[derive(Debug)]
pub struct Refusal {
    pub status: usize,
    pub rule_offset: usize,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(formatter, "the core's status is {}", self.status)
    }
}

impl std::error::Error for Refusal {}
