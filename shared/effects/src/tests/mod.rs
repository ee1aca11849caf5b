//! Against the local cloud, through the SDK's own requests, on virtual time.

mod attempts;
mod bench;
mod circuit;
mod clients;
mod commit;
mod conditions;
mod limits;
mod mutations;
mod once;
mod outbox;
mod outside;
mod races;
mod refused;
mod relay;
mod round_trips;
mod shop;
mod tombstones;
mod usual_recipe;
mod wire;
