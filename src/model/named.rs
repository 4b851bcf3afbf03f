//! [`named!`]: choices that have a name, in files and on a command line; one row a choice.

/// Write an enum of choices from its rows, with their names, and how they are printed and read.
macro_rules! named {
    (
        $(#[$doc:meta])*
        $Choice:ident $what:literal { $($(#[$row_doc:meta])* $Name:ident $name:literal;)* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
        #[non_exhaustive]
        pub enum $Choice {
            $(
                $(#[$row_doc])*
                #[cfg_attr(feature = "json", serde(rename = $name))]
                $Name,
            )*
        }

        impl $Choice {
            /// All of them, in the order of the table.
            pub const ALL: &[$Choice] = &[$($Choice::$Name),*];

            /// Name it, in lower case.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $($Choice::$Name => $name),* }
            }
        }

        impl std::fmt::Display for $Choice {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl std::str::FromStr for $Choice {
            type Err = $crate::model::ModelError;
            fn from_str(name: &str) -> Result<$Choice, Self::Err> {
                $crate::model::ModelError::one_of($what, name, $Choice::ALL, |choice| choice.name())
            }
        }
    };
}
pub(super) use named;
