//! A queue function with everything the runner does, as it is deployed. `tests/load/overhead.py` times its start against that of `bare`.

#[expect(dead_code, unreachable_pub, reason = "shared with the benchmark")]
#[path = "../benches/batch/mod.rs"]
mod batch;

throughline_runtime::main!(batch::function());
