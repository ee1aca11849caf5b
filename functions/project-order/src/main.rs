//! Starts `project-order`.

throughline::main!(project_order::function());
