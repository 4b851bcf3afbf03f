//! Sparse derivatives: patterns and colourings, and plans against the dense matrices.

mod colourings;
mod errors;
mod generators;
mod hessians;
mod jacobians;
mod patterns;
mod rows_of_the_table;

#[path = "../common"]
mod common {
    pub mod apply;
    pub mod expression;
    pub mod formula;
    pub mod naive;
    pub mod numeric;
}

#[path = "../common/property.rs"]
mod property;
