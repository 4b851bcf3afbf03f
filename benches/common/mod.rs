//! What the benchmarks share: workloads, the other engines, a harness that interleaves contenders, and how results are
//! shown.

pub mod markdown;
pub mod peers;
pub mod plot;
pub mod side_by_side;
pub mod workloads;
