//! The service's operations.

mod capabilities;
pub(super) mod change_sets;
pub(super) mod resources;
pub(super) mod stacks;
pub(super) mod templates;

use jiff::Timestamp;

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
