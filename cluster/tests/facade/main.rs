//! The facade from outside, a file a subject. One binary: each of its own took as long to build as all of them.

mod changes;
mod config;
mod custom;
mod details;
mod devices;
mod expand;
mod extenders;
mod growth;
mod input;
mod limits;
mod mirror;
mod overlay;
mod plan;
mod plan_attempts;
mod plan_city;
mod plan_dumps;
mod plan_render;
mod preempt;
mod properties;
mod seldom;
mod sharing;
mod simulate;
mod simulate_changes;
mod terms;
mod topology_labels;
mod whatif;
