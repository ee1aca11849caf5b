//! Tests of the crate: executions on virtual time, and rules of definitions.

#[cfg(test)]
mod common;
#[cfg(test)]
mod data;
#[cfg(test)]
mod flow;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod history;
#[cfg(test)]
mod jsonata;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod saga;
