//! What the words of a row mean: small macros that `op_rows!` uses.

/// How many operands a row takes, from its first word and whether there is a second partial.
macro_rules! arity {
    (unary) => {
        Arity::Unary
    };
    (operator) => {
        Arity::Unary
    };
    (slope) => {
        Arity::Unary
    };
    (slope_of_two $second:literal) => {
        Arity::Binary
    };
    (operator $second:literal) => {
        Arity::Binary
    };
    (data) => {
        Arity::Data
    };
    (form) => {
        Arity::Data
    };
    (binary $second:literal) => {
        Arity::Binary
    };
    (ternary $second:literal) => {
        Arity::Ternary
    };
    (nary $Op:ident) => {
        Arity::Nary
    };
}

/// Whether a row is called by its name, from its first word, or from a term of an n-ary one.
macro_rules! is_function {
    (unary) => {
        true
    };
    (binary) => {
        true
    };
    (ternary) => {
        true
    };
    (data) => {
        true
    };
    ((x)) => {
        true
    };
    ((x y)) => {
        true
    };
    ($other:tt) => {
        false
    };
}

/// How many constants a row keeps.
macro_rules! constants {
    (form) => {
        1
    };
    ($kind:ident $($constant:ident)*) => {
        0 $(+ { let _ = stringify!($constant); 1 })*
    };
}

macro_rules! commutes {
    (x y) => {
        true
    };
}

/// Whether a form keeps the constant with the other sign.
macro_rules! negates {
    (- c) => {
        true
    };
    (c) => {
        false
    };
}

/// Whether what the lanes do may differ from `f64`.
macro_rules! is_kernel {
    (kernel) => {
        true
    };
    (inlined) => {
        true
    };
    (composed) => {
        true
    };
    ($($same:ident)?) => {
        false
    };
}

/// The shape of a term, as the row draws it.
macro_rules! shape {
    ($sum:tt (x) $($bias:ident)?) => {
        shape!(= $sum 1 false $($bias)?)
    };
    ($sum:tt (x y) $($bias:ident)?) => {
        shape!(= $sum 2 false $($bias)?)
    };
    ($sum:tt (x c) $($bias:ident)?) => {
        shape!(= $sum 1 true $($bias)?)
    };
    (= $sum:tt $operands:literal $data:literal) => {
        Shape { operands: $operands, data: $data, bias: false, sum: shape!(? $sum) }
    };
    (= $sum:tt $operands:literal $data:literal bias) => {
        Shape { operands: $operands, data: $data, bias: true, sum: shape!(? $sum) }
    };
    (? sum) => {
        true
    };
    (? list) => {
        false
    };
}

/// Hand on what a rule gave: by value unless the row says otherwise.
macro_rules! flow {
    ($site:ident $which:literal $contribution:expr,) => {
        $site.give($which, $contribution)
    };
    ($site:ident $which:literal $contribution:expr, $how:ident) => {
        $site.$how($which, $contribution)
    };
}

macro_rules! optional {
    () => {
        None
    };
    ($some:expr) => {
        Some($some)
    };
}

pub(crate) use {
    arity, commutes, constants, flow, is_function, is_kernel, negates, optional, shape,
};
