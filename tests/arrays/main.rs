//! Arrays of variables in ndarray: operators, products and statistics, with gradients beside closed forms.
//!
//! The same tests run in each version of ndarray that a feature serves.

#[cfg(any(feature = "ndarray-0_16", feature = "ndarray-0_17"))]
#[path = "../common/numeric.rs"]
mod numeric;

macro_rules! in_version {
    ($module:ident, $feature:literal, $ndarray:ident) => {
        #[cfg(feature = $feature)]
        mod $module {
            use ::$ndarray as library;
            include!("calls.rs");
        }
    };
}

in_version! { v0_16, "ndarray-0_16", ndarray_0_16 }
in_version! { v0_17, "ndarray-0_17", ndarray }
