//! What the benchmarks share: workloads, the other engines, and a harness that interleaves contenders.

pub mod peers;
pub mod side_by_side;
pub mod workloads;
