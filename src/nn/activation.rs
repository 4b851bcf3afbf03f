//! [`Activation`]: one row a function; the enum, its names and its evaluation follow from the rows.

use crate::Real;
use crate::text::{OneLine, quoted};
use std::fmt::{self, Write as _};
use std::str::FromStr;

macro_rules! activations {
    ($($(#[$doc:meta])* $Name:ident $name:literal $formula:literal |$x:ident| $value:expr;)*) => {
        /// Choose the function that a layer applies to each of its affine forms.
        ///
        /// ```
        /// use gradtape::nn::Activation;
        /// assert_eq!(Activation::Relu.apply(-2.0), 0.0);
        /// assert_eq!("softplus".parse(), Ok(Activation::Softplus));
        /// assert_eq!(Activation::Silu.formula(), "x · sigmoid(x)");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
        #[non_exhaustive]
        pub enum Activation {
            $(
                #[doc = concat!("`", $formula, "`.")]
                $(#[$doc])*
                #[cfg_attr(feature = "json", serde(rename = $name))]
                $Name,
            )*
        }

        impl Activation {
            /// The slope of [`Activation::LeakyRelu`] below 0, that of Maas, Hannun & Ng (2013).
            pub const LEAKY_SLOPE: f64 = 0.01;

            /// All of them, in the order of the table.
            pub const ALL: &[Activation] = &[$(Activation::$Name),*];

            /// Name it, in lower case.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Activation::$Name => $name),* }
            }

            /// Write it down.
            #[must_use]
            pub fn formula(self) -> &'static str {
                match self { $(Activation::$Name => $formula),* }
            }

            /// Apply it: one node on a tape, none for the identity.
            #[inline]
            #[track_caller]
            pub fn apply<S: Real>(self, x: S) -> S {
                match self { $(Activation::$Name => { let $x = x; $value }),* }
            }
        }
    };
}

activations! {
    /// For outputs, and for logits.
    Identity "identity" "x" |x| x;
    /// Derivative 0 at its kink.
    Relu "relu" "max(x, 0)" |x| x.relu();
    /// The slope is [`LEAKY_SLOPE`](Activation::LEAKY_SLOPE), also at its kink.
    LeakyRelu "leaky_relu" "x for x > 0, else 0.01 x" |x| x.leaky_relu(Activation::LEAKY_SLOPE);
    /// Its derivative is the sigmoid.
    Softplus "softplus" "ln(1 + exp(x))" |x| x.softplus();
    /// Between 0 and 1.
    Sigmoid "sigmoid" "1 / (1 + exp(-x))" |x| x.sigmoid();
    /// Between -1 and 1.
    Tanh "tanh" "tanh(x)" |x| x.tanh();
    /// Also called swish (Elfwing, Uchibe & Doya 2018).
    Silu "silu" "x · sigmoid(x)" |x| x.silu();
    /// With the exact normal distribution function Φ (Hendrycks & Gimpel 2016).
    Gelu "gelu" "x · Φ(x)" |x| x.gelu();
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Activation {
    type Err = NetworkError;
    fn from_str(name: &str) -> Result<Activation, NetworkError> {
        let known = Activation::ALL.iter().copied().find(|a| a.name() == name);
        known.ok_or_else(|| {
            let names: Vec<&str> = Activation::ALL.iter().map(|a| a.name()).collect();
            let names = names.join("`, `");
            NetworkError(format!("no activation is called {}: there are `{names}`", quoted(name)))
        })
    }
}

/// A name that no activation or parameter has, or a length that does not fit: the message says what there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkError(pub(super) String);

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        OneLine(f).write_str(&self.0)
    }
}

impl std::error::Error for NetworkError {}
