//! The functions of a [`Var`], as inherent methods and as [`Real`].

use super::custom::CustomOp;
use super::gather;
use super::live;
use super::misuse;
use super::nary;
use super::store;
use super::var::Var;
use crate::Real;
use crate::op::{Op, for_each_op};
use crate::real::CustomFn;
use crate::real::sealed::Sealed;
use crate::text::quoted;
use std::fmt;
use std::sync::Arc;

/// The methods that are their row: the value on `f64`, then the node.
macro_rules! method {
    (unary $Op:ident $name:ident () $($lanes:ident)?) => {
        #[doc = concat!("Record [`Real::", stringify!($name), "`].")]
        #[inline]
        #[must_use]
        #[track_caller]
        pub fn $name(self) -> Var {
            self.unary(Op::$Op, Real::$name(self.value))
        }
    };
    (binary $Op:ident $name:ident () $($lanes:ident)?) => {
        #[doc = concat!("Record [`Real::", stringify!($name), "`] with a variable or a number.")]
        #[inline]
        #[must_use]
        #[track_caller]
        pub fn $name(self, other: impl Into<Var>) -> Var {
            let other = other.into();
            self.binary(Op::$Op, other, Real::$name(self.value, other.value))
        }
    };
    (data $Op:ident $name:ident ($($arg:ident: $ty:ty),+) $($lanes:ident)?) => {
        #[doc = concat!("Record [`Real::", stringify!($name), "`].")]
        #[inline]
        #[must_use]
        #[track_caller]
        pub fn $name(self, $($arg: $ty),+) -> Var {
            let value = Real::$name(self.value, $($arg),+);
            self.data(Op::$Op, [$(f64::from($arg)),+], value)
        }
    };
    ($kind:ident $($row:tt)*) => {};
}

impl Var {
    for_each_op!(method);

    /// Record [`Real::digamma`].
    #[inline]
    #[must_use]
    #[track_caller]
    pub fn digamma(self) -> Var {
        self.polygamma(0)
    }

    /// Record the sine and the cosine.
    #[inline]
    #[must_use]
    #[track_caller]
    pub fn sin_cos(self) -> (Var, Var) {
        (self.sin(), self.cos())
    }

    /// Record [`Real::mul_add`] with variables or numbers.
    #[must_use]
    #[track_caller]
    pub fn mul_add(self, a: impl Into<Var>, b: impl Into<Var>) -> Var {
        let (a, b) = (a.into(), b.into());
        // A constant factor 0 lets no derivative through, which the row of `x * 0` knows.
        if [self, a].iter().any(|x| x.is_nothing()) && !(self.is_constant() && a.is_constant()) {
            return self * a + b;
        }
        self.ternary(Op::MulAdd, a, b, f64::mul_add)
    }

    /// Record [`Real::select`] with variables or numbers.
    #[must_use]
    #[track_caller]
    pub fn select(condition: Var, a: impl Into<Var>, b: impl Into<Var>) -> Var {
        condition.ternary(Op::Select, a.into(), b.into(), <f64 as Real>::select)
    }

    #[track_caller]
    fn ternary(self, op: Op, y: Var, z: Var, f: impl Fn(f64, f64, f64) -> f64) -> Var {
        let value = f(self.value, y.value, z.value);
        match store::ternary(op, [self.tag, y.tag, z.tag], value) {
            Some(tag) => Var { value, tag },
            None => gather::record_value(op, &[[self], [y], [z]], value),
        }
    }
}

impl Var {
    /// Find the index of the node on its tape; a constant has none.
    ///
    /// # Panics
    /// If the variable is stale.
    #[must_use]
    #[track_caller]
    pub fn index(self) -> Option<usize> {
        if self.is_constant() {
            return None;
        }
        match live::find(self.tag) {
            Some((_, index)) => Some(index as usize),
            None => misuse::stale(self.tag),
        }
    }

    /// Name the node, for listings, messages and [`Gradient::by_label`](crate::Gradient::by_label).
    ///
    /// A second label replaces the first. A constant has no node and keeps no label. The variable itself is
    /// returned, and may be left where it is:
    ///
    /// ```
    /// # #![deny(unused_must_use)]
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let w = tape.vars(&[1.0, 2.0]);
    /// for (w, name) in w.iter().zip(["slope", "intercept"]) {
    ///     w.label(name);
    /// }
    /// assert_eq!(tape.node(1).label.as_deref(), Some("intercept"));
    /// ```
    ///
    /// # Panics
    /// If the variable is stale.
    #[track_caller]
    pub fn label(self, name: &str) -> Var {
        if !self.is_constant() {
            match live::find(self.tag) {
                Some((home, i)) => {
                    home.annotated.set(true);
                    Arc::make_mut(&mut home.labels.borrow_mut()).set(i, name);
                }
                None => misuse::stale(self.tag),
            }
        }
        self
    }
}

impl fmt::Debug for Var {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.is_constant(), live::find(self.tag)) {
            (true, _) => write!(f, "Var({:?})", self.value),
            (_, Some((home, i))) => match home.labels.borrow().get(i) {
                Some(label) => write!(f, "Var({:?}, %{i} {})", self.value, quoted(label)),
                None => write!(f, "Var({:?}, %{i})", self.value),
            },
            (_, None) => write!(f, "Var({:?}, stale)", self.value),
        }
    }
}

/// `Real` by the inherent methods.
macro_rules! real_method {
    (unary $Op:ident $name:ident () $($lanes:ident)?) => {
        #[inline]
        #[track_caller]
        fn $name(self) -> Var {
            Var::$name(self)
        }
    };
    (binary $Op:ident $name:ident () $($lanes:ident)?) => {
        #[inline]
        #[track_caller]
        fn $name(self, other: Var) -> Var {
            Var::$name(self, other)
        }
    };
    (data $Op:ident $name:ident ($($arg:ident: $ty:ty),+) $($lanes:ident)?) => {
        #[inline]
        #[track_caller]
        fn $name(self, $($arg: $ty),+) -> Var {
            Var::$name(self, $($arg),+)
        }
    };
    (slope $Op:ident $name:ident () $($lanes:ident)?) => {
        #[inline]
        #[track_caller]
        fn $name(self) -> Var {
            self.unary(Op::$Op, Real::$name(self.value))
        }
    };
    (slope_of_two $Op:ident $name:ident () $($lanes:ident)?) => {
        #[inline]
        #[track_caller]
        fn $name(self, other: Var) -> Var {
            self.binary(Op::$Op, other, Real::$name(self.value, other.value))
        }
    };
    ($kind:ident $($row:tt)*) => {};
}

impl Sealed for Var {}

impl Real for Var {
    const NOTHING: Var = Var::constant(0.0);

    #[inline(always)]
    fn value(self) -> f64 {
        self.value
    }

    for_each_op!(real_method);

    #[inline]
    #[track_caller]
    fn digamma(self) -> Var {
        Var::digamma(self)
    }
    #[inline]
    #[track_caller]
    fn sin_cos(self) -> (Var, Var) {
        Var::sin_cos(self)
    }
    #[track_caller]
    fn mul_add(self, a: Var, b: Var) -> Var {
        Var::mul_add(self, a, b)
    }
    #[track_caller]
    fn select(condition: Var, a: Var, b: Var) -> Var {
        Var::select(condition, a, b)
    }
    #[track_caller]
    fn label(self, name: &str) -> Var {
        Var::label(self, name)
    }
    fn scope<R>(name: &str, body: impl FnOnce() -> R) -> R {
        live::in_scope(name, body)
    }
    #[inline]
    #[track_caller]
    fn sum_of(terms: impl Iterator<Item = Var>) -> Var {
        gather::over(Op::Sum, terms)
    }
    #[inline]
    #[track_caller]
    fn sum_squares_of(terms: impl Iterator<Item = Var>) -> Var {
        gather::over(Op::SumSquares, terms)
    }
    #[inline]
    #[track_caller]
    fn dot_of(pairs: impl Iterator<Item = (Var, Var)>) -> Var {
        gather::over_pairs(pairs, None)
    }
    #[inline]
    #[track_caller]
    fn affine_of(pairs: impl Iterator<Item = (Var, Var)>, bias: Var) -> Var {
        gather::over_pairs(pairs, Some(bias))
    }
    #[track_caller]
    fn log_sum_exp_of(terms: impl Iterator<Item = Var>) -> Var {
        gather::over(Op::LogSumExp, terms)
    }
    #[track_caller]
    fn custom_value(op: &dyn CustomFn, x: &[Var], y: &mut [Var]) {
        y.copy_from_slice(&nary::custom_call(recordable(op), x));
    }
    fn custom_vjp(op: &dyn CustomFn, x: &[Var], y: &[Var], w: &[Var]) -> Option<Vec<Var>> {
        let op = recordable(op);
        let dx = op.vjp_recorded(x, y, w)?;
        nary::assert_one_each(&**op, dx.len(), x.len());
        Some(dx)
    }
    #[track_caller]
    fn accumulate(&mut self, contribution: Var) {
        *self = if self.is_nothing() { contribution } else { *self + contribution };
    }
    #[inline(always)]
    fn settled(self) -> Var {
        self
    }
    #[inline(always)]
    fn constant(self) -> Option<f64> {
        self.is_constant().then_some(self.value)
    }
    #[track_caller]
    fn blocked(self) -> Var {
        self.compare(self)
    }
    #[inline(always)]
    fn is_nothing(self) -> bool {
        // A variable that happens to be 0 still has a derivative.
        self.is_constant() && self.value == 0.0
    }
}

/// The operation that [`custom`](super::custom) was called with.
fn recordable(op: &dyn CustomFn) -> &Arc<dyn CustomOp> {
    op.as_any().downcast_ref().expect("only `custom` makes a `CustomFn`")
}
