//! Reports as JSON: what is written is read by others and by us, bit for bit, and nothing that is not a report
//! makes a panic. The reader is behind the feature `json`; without it only the writer is tested.

#[path = "../common/apply.rs"]
mod apply;
#[cfg(feature = "json")]
#[path = "../common/expression.rs"]
mod expression;
#[path = "../common/formula.rs"]
mod formula;
#[cfg(feature = "json")]
mod mutated;
#[path = "../common/naive.rs"]
mod naive;
#[path = "../common/numeric.rs"]
mod numeric;
mod page;
#[cfg(feature = "json")]
#[path = "../common/property.rs"]
mod property;
#[cfg(feature = "json")]
mod refused;
mod reports;
#[cfg(feature = "json")]
mod round_trip;
mod written;
