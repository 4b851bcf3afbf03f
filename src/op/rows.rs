//! What a row becomes: the macro `op_rows!`, and the types that it fills in.
//!
//! For each row
//!
//! ```text
//! unary Exp exp "exp({x})"
//!     value |x| x.exp(); dx "exp({x})" |w, r| w * r;
//!     domain |x| true; zero Flat; lanes kernel; at [[-1.0], [2.0]];
//! ```
//!
//! the macro writes one arm or one entry into each of these:
//!
//! ```text
//! enum Op             Exp,
//! Op::ALL             Op::Exp,
//! Op::info            Info { name: "exp", form: "exp({x})", value: "x.exp()", partials: ["w * r"], ... }
//! Op::arity           Arity::Unary                    from the first word and the number of partials
//! Op::constants       0                               the arguments beside `self` of a `data` row
//! Op::commutes        false                           true where the row says `commutes |x, y|`
//! Op::forms           none                            the rows named after `constant`
//! Op::terms           a list of single operands       what an n-ary row draws: (x y) + bias
//! Op::has_lane_kernel true                            from the word after `lanes`
//! Op::in_domain       Op::Exp => { let x = point.x(); true }
//! Op::at_kink         nothing, there is no kink
//! row::Exp            a type with the rules:
//!     evaluate(site)  { let x = site.x(); x.exp() }
//!     pull(site)      if let Some(w) = site.weight(0) {
//!                         let r = site.r();           only what the rule lists after `w`
//!                         site.give(0, w * r);
//!                     }
//! with_row!(op, Row => run)  Op::Exp => { type Row = row::Exp; run }
//! for_each_op!(each)  each! { unary Exp exp () kernel }
//! ```
//!
//! Three things are not as plain as that:
//!
//! 1. Names in rules (`x`, `c`, `w`) are the row's own. A macro may not invent a name that its caller uses, so
//!    a rule lists its names like a closure, and each becomes `let x = site.x();` under the row's own spelling.
//! 2. `for_each_op!` is a macro that `op_rows!` defines, for `Dual`, `Var` and lanes to make one method a row.
//!    Its own `$` is handed in as the first token, because `$` in a macro's output would be taken for the outer one's.
//! 3. N-ary rows have no rules of their own here: [`nary`](super::nary) has them.

/// How many operands an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arity {
    /// An independent variable or a constant: none.
    Leaf,
    /// One operand.
    Unary,
    /// One operand and one or two constants.
    Data,
    /// Two operands.
    Binary,
    /// Three operands.
    Ternary,
    /// Any number of operands.
    Nary,
    /// One output of a user-defined operation.
    Custom,
}

impl Arity {
    /// Count the operands; `None` where the number is not fixed or there are none.
    #[must_use]
    pub const fn operands(self) -> Option<usize> {
        match self {
            Arity::Unary | Arity::Data => Some(1),
            Arity::Binary => Some(2),
            Arity::Ternary => Some(3),
            Arity::Leaf | Arity::Nary | Arity::Custom => None,
        }
    }
}

/// What a local partial of exactly zero means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Zero {
    /// The partial is never 0.
    Never,
    /// A true zero of the derivative, as of `x²` at 0.
    Stationary,
    /// Too small for a number, as the slope of `exp` at -1000: it counts as a true zero.
    Underflow,
    /// A piece where the function is constant: the gradient is *blocked* there.
    Flat,
}

/// What one term of an n-ary operation is made of, and whether a bias follows the terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// How many operands a term takes: the two factors of a product, or one.
    pub operands: usize,
    /// Whether a term has a constant factor.
    pub data: bool,
    /// Whether the last operand is a bias.
    pub bias: bool,
    /// Whether the terms are added up.
    pub sum: bool,
}

/// The description of one operation, as its row states it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Info {
    /// The method or function that records it.
    pub name: &'static str,
    /// The printed form; `{x}`, `{y}`, `{z}` stand for operands, `{c}`, `{d}` for constants.
    pub form: &'static str,
    /// How many operands it takes.
    pub arity: Arity,
    /// Whether users call it by `name`. Operators are written, and forms with a constant operand and derivatives are
    /// chosen by what is recorded.
    pub is_function: bool,
    /// The constants that a call takes, each with its type in Rust: `n` is an `i32` of `powi`. In `form` they are `{c}`
    /// and `{d}`, in this order.
    pub parameters: &'static [(&'static str, &'static str)],
    /// The value rule as written in the row.
    pub value: &'static str,
    /// The rules `w · ∂r/∂operand` as written in the row, one an operand.
    pub partials: &'static [&'static str],
    /// The printed form of each local partial, in the places of `form` and `{r}`, the result: the
    /// formula of the textbook, which the rule may compute in another way.
    ///
    /// One an operand. Of an n-ary operation: one for each operand of a term, `{x}` or `{x}` and `{y}`
    /// with the constant `{c}`, then that of the bias if there is one. Of a custom operation: one for all.
    pub partial_forms: &'static [&'static str],
    /// Where value and partials are defined, as a condition on the operands.
    pub domain: &'static str,
    /// The condition of a kink and the convention used there.
    pub kink: Option<(&'static str, &'static str)>,
    /// What a zero partial means.
    pub zero: Zero,
    /// Sample points: operands, then constants.
    pub samples: &'static [&'static [f64]],
}

macro_rules! op_rows {
    (($d:tt)
    $($kind:ident $Op:ident $name:ident $(($($arg:ident: $ty:ty),+))? $form:literal
        value |$($v:ident),*| $value:expr;
        dx $px:literal $($fx:ident)? |$wx:ident $(, $nx:ident)*| $dx:expr;
        $(dy $py:literal $($fy:ident)? |$wy:ident $(, $ny:ident)*| $dy:expr;)?
        $(dz $pz:literal $($fz:ident)? |$wz:ident $(, $nz:ident)*| $dz:expr;)?
        $(commutes |$p:ident, $q:ident|;)?
        $(constant $Right:ident($($right:tt)+), $Left:ident(c);)?
        $(flat |$c:ident| $flat:expr;)?
        domain |$($a:ident),*| $domain:expr; zero $zero:ident $(, $steep:ident)?;
        $(kink |$($k:ident),*| $kink:expr => $convention:literal;)?
        $(lanes $lanes:ident;)?
        at [$($sample:tt),*];)*
    => nary {
        $($Nary:ident $nname:ident $shape:ident $term:tt $(+ $bias:ident)? $nform:literal $nvalue:literal
            $npartial:literal [$($nprinted:literal),*] $nzero:ident $(lanes $nlanes:ident)?;)*
    }
    ) => {
        /// An operation: one row of the op table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Op {
            /// An independent variable.
            Input,
            /// A constant that an operation with several operands needed as a node.
            Const,
            $(#[doc = concat!("`", $form, "`")] $Op,)*
            $(#[doc = concat!("`", $nvalue, "`")] $Nary,)*
            /// One output of a user-defined operation.
            Custom,
        }

        impl Op {
            /// Every operation, in table order.
            pub const ALL: &'static [Op] =
                &[Op::Input, Op::Const, $(Op::$Op,)* $(Op::$Nary,)* Op::Custom];

            /// Describe the operation.
            #[must_use]
            pub fn info(self) -> &'static Info {
                &INFO[self as usize]
            }

            /// Tell how many operands the operation takes.
            #[must_use]
            #[inline]
            pub fn arity(self) -> Arity {
                const ARITY: &[Arity] = &[
                    Arity::Leaf, Arity::Leaf, $(arity!($kind $($py)?),)* $(arity!(nary $Nary),)* Arity::Custom,
                ];
                ARITY[self as usize]
            }

            /// Count the constants of a scalar operation. The data factors of n-ary terms are not among them.
            #[must_use]
            #[inline]
            pub fn constants(self) -> usize {
                const CONSTANTS: &[usize] = &[
                    0, 0, $(constants!($kind $($($arg)+)?),)* $({ let _ = Op::$Nary; 0 },)* 0,
                ];
                CONSTANTS[self as usize]
            }

            /// Tell whether the first two operands may change places without changing a bit of the result.
            pub(crate) const fn commutes(self) -> bool {
                match self {
                    $($(Op::$Op => commutes!($p $q),)?)*
                    _ => false,
                }
            }

            /// Find the rows that keep a constant operand.
            #[inline(always)]
            pub(crate) const fn forms(self) -> Forms {
                match self {
                    $($(Op::$Op => Forms {
                        right: Some(Op::$Right), left: Some(Op::$Left), negates: negates!($($right)+),
                    },)?)*
                    _ => Forms { right: None, left: None, negates: false },
                }
            }

            /// Describe a term of an n-ary operation. The operands of any other operation are a list.
            #[inline(always)]
            pub(crate) const fn terms(self) -> Shape {
                match self {
                    $(Op::$Nary => shape!($shape $term $($bias)?),)*
                    _ => Shape { operands: 1, data: false, bias: false, sum: false },
                }
            }

            /// Tell whether lanes compute the value by a kernel of their own, which may differ from that on
            /// `f64` by a few units in the last place.
            #[must_use]
            pub fn has_lane_kernel(self) -> bool {
                match self {
                    $(Op::$Op => is_kernel!($($lanes)?),)*
                    $(Op::$Nary => is_kernel!($($nlanes)?),)*
                    _ => false,
                }
            }

            /// Tell whether the operation is constant because of its constant `c`, as `0 * x` is.
            #[allow(unused_variables)]
            pub(crate) fn is_flat(self, c: f64) -> bool {
                match self {
                    $($(Op::$Op => { let $c = c; $flat })?)*
                    _ => false,
                }
            }

            /// Tell whether a partial may be infinite or NaN where the result is finite.
            #[inline(always)]
            pub(crate) fn is_steep(self) -> bool {
                // A table: a sweep over many zeros asks that often.
                const STEEP: &[bool] = &[
                    false, false, $(!str::is_empty(concat!($(stringify!($steep))?)),)*
                    $({ let _ = Op::$Nary; false },)* true,
                ];
                STEEP[self as usize]
            }

            /// A point as operands and constants.
            fn point(self, point: &[f64]) -> Point<'_, f64> {
                let count = self.arity().operands().unwrap_or(0).min(point.len());
                let (operands, constants) = point.split_at(count);
                Point { operands, constants }
            }

            /// Tell whether value and partials are defined at a point (operands, then constants).
            #[must_use]
            #[allow(unused_variables)]
            pub fn in_domain(self, point: &[f64]) -> bool {
                let site = self.point(point);
                match self {
                    $(Op::$Op => { $(let $a = site.$a();)* $domain })*
                    _ => true,
                }
            }

            /// Tell whether a point (operands, then constants) is a kink.
            #[must_use]
            #[allow(unused_variables)]
            pub fn at_kink(self, point: &[f64]) -> bool {
                let site = self.point(point);
                match self {
                    $($(Op::$Op => { $(let $k = site.$k();)* $kink })?)*
                    _ => false,
                }
            }
        }

        static INFO: &[Info] = &[
            Info {
                name: "input", form: "input", arity: Arity::Leaf, is_function: false, parameters: &[], value: "given",
                partials: &[], partial_forms: &[],
                domain: "true", kink: None, zero: Zero::Never, samples: &[],
            },
            Info {
                name: "const", form: "const", arity: Arity::Leaf, is_function: false, parameters: &[], value: "given",
                partials: &[], partial_forms: &[],
                domain: "true", kink: None, zero: Zero::Never, samples: &[],
            },
            $(Info {
                name: stringify!($name),
                form: $form,
                arity: arity!($kind $($py)?),
                is_function: is_function!($kind),
                parameters: &[$($((stringify!($arg), stringify!($ty))),+)?],
                value: stringify!($value),
                partials: &[stringify!($dx) $(, stringify!($dy))? $(, stringify!($dz))?],
                partial_forms: &[$px $(, $py)? $(, $pz)?],
                domain: stringify!($domain),
                kink: optional!($((stringify!($kink), $convention))?),
                zero: Zero::$zero,
                samples: &[$(&$sample),*],
            },)*
            $(Info {
                name: stringify!($nname), form: $nform, arity: Arity::Nary,
                is_function: is_function!($term), parameters: &[],
                value: $nvalue, partials: &[$npartial], partial_forms: &[$($nprinted),*],
                domain: "true", kink: None, zero: Zero::$nzero, samples: &[],
            },)*
            Info {
                name: "custom", form: "custom", arity: Arity::Custom, is_function: false, parameters: &[],
                value: "CustomOp::value", partials: &["CustomOp::vjp"],
                partial_forms: &["the vjp of {name}"],
                domain: "true", kink: None, zero: Zero::Stationary, samples: &[],
            },
        ];

        /// The rules of one row. With a type for each row and not a match, what the compiler knows costs it nothing:
        /// the rules of all others would be compiled beside them, to be thrown away.
        pub(crate) trait Row {
            const OP: Op;

            /// Whether its rules are in [`nary`](super::nary).
            const NARY: bool = false;

            /// Compute the value at a site, of a scalar operation.
            fn evaluate<T: Real>(site: &impl Site<T>) -> T;

            /// Hand each operand its rule: `w` times the local partial. Leaves have none, and custom operations are
            /// pulled by the sweep itself.
            fn pull<T: Real, S: Pull<T>>(site: &mut S);
        }

        /// The type of each row, under the name of its operation.
        pub(crate) mod row {
            $(pub(crate) enum $Op {})*
            $(pub(crate) enum $Nary {})*
            pub(crate) enum Input {}
            pub(crate) type Const = Input;
        }

        $(impl Row for row::$Op {
            const OP: Op = Op::$Op;

            #[inline(always)]
            #[track_caller]
            fn evaluate<T: Real>(site: &impl Site<T>) -> T {
                $(let $v = site.$v();)*
                $value
            }

            #[inline(always)]
            #[track_caller]
            fn pull<T: Real, S: Pull<T>>(site: &mut S) {
                $(if S::GATES && { let $c = site.$c(); $flat } {
                    if site.weight(0).is_some() {
                        site.gate(0, T::nothing());
                    }
                    return;
                })?
                if let Some($wx) = site.weight(0) {
                    $(let $nx = site.$nx();)*
                    flow!(site 0 $dx, $($fx)?);
                }
                $(if let Some($wy) = site.weight(1) {
                    $(let $ny = site.$ny();)*
                    flow!(site 1 $dy, $($fy)?);
                })?
                $(if let Some($wz) = site.weight(2) {
                    $(let $nz = site.$nz();)*
                    flow!(site 2 $dz, $($fz)?);
                })?
            }
        })*

        $(impl Row for row::$Nary {
            const OP: Op = Op::$Nary;
            const NARY: bool = true;

            fn evaluate<T: Real>(_: &impl Site<T>) -> T {
                unreachable!("{:?} is not a scalar operation", Self::OP)
            }

            #[inline(always)]
            #[track_caller]
            fn pull<T: Real, S: Pull<T>>(site: &mut S) {
                site.nary::<row::$Nary>();
            }
        })*

        impl Row for row::Input {
            const OP: Op = Op::Input;

            fn evaluate<T: Real>(_: &impl Site<T>) -> T {
                unreachable!("{:?} is not a scalar operation", Self::OP)
            }

            #[inline(always)]
            fn pull<T: Real, S: Pull<T>>(_: &mut S) {}
        }

        /// Run an expression with a name for the row of an operation. A custom one has no rules, as a leaf.
        macro_rules! with_row {
            ($d op:expr, $d Row:ident => $d run:expr) => {
                match $d op {
                    $(Op::$Op => { type $d Row = row::$Op; $d run })*
                    $(Op::$Nary => { type $d Row = row::$Nary; $d run })*
                    Op::Input | Op::Const | Op::Custom => {
                        type $d Row = row::Input;
                        $d run
                    }
                }
            };
        }
        pub(crate) use with_row;

        /// Call `$each! { arity Variant method }` once per scalar row.
        macro_rules! for_each_op {
            ($d each:ident) => { $( $d each! { $kind $Op $name ($($($arg: $ty),+)?) $($lanes)? } )* };
        }
        pub(crate) use for_each_op;
    };
}
pub(crate) use op_rows;
