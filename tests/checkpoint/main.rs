//! Gradients of long loops: schedules, and the runs that follow them.

#[path = "../common/counting.rs"]
mod counting;
#[path = "../common/seed.rs"]
mod seed;

mod disk;
mod gradients;
mod machine;
mod memory;
mod nesting;
mod of_programs;
mod refused;
mod schedules;
