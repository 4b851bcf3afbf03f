//! Every trait of `num_traits` that `f64` has and that makes sense, on variables and dual numbers: the values of `f64` at
//! special numbers too, and derivatives beside closed forms.

#![allow(
    clippy::op_ref,
    clippy::eq_op,
    reason = "operators and methods by reference are what is tested"
)]

mod common {
    pub mod numeric;
}

use common::numeric::{close, same_bits, ulps};
use gradtape::program::{Program, Workspace};
use gradtape::{Dual, Tape, Var, gradient, hessian};
use num_traits::float::{Float, FloatCore, TotalOrder};
use num_traits::{
    AsPrimitive, ConstOne, ConstZero, Euclid, FloatConst, FromPrimitive, Inv, MulAdd, MulAddAssign,
    NumAssignRef, NumRef, Pow, RefNum, Signed, ToPrimitive,
};
use std::cmp::Ordering;

const SPECIAL: [f64; 22] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.9,
    2.5,
    -2.5,
    7.25,
    1e-9,
    5e-324,
    -2.5e-310,
    f64::MIN_POSITIVE,
    f64::EPSILON,
    4e9,
    -1e19,
    1e30,
    -1e300,
    f64::MAX,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

/// What a number may be asked, as `f64` is.
trait Number:
    Float
    + FloatCore
    + FloatConst
    + Signed
    + Euclid
    + TotalOrder
    + MulAdd<Output = Self>
    + MulAddAssign
    + NumAssignRef
    + NumRef
    + FromPrimitive
    + Inv<Output = Self>
    + Pow<Self, Output = Self>
{
}
impl<T> Number for T where
    T: Float
        + FloatCore
        + FloatConst
        + Signed
        + Euclid
        + TotalOrder
        + MulAdd<Output = T>
        + MulAddAssign
        + NumAssignRef
        + NumRef
        + FromPrimitive
        + Inv<Output = T>
        + Pow<T, Output = T>
{
}

fn number<T: num_traits::NumCast>(x: f64) -> T {
    <T as num_traits::NumCast>::from(x).expect("a number")
}

fn sign<T: Number>(order: Ordering) -> T {
    number(f64::from(order as i8))
}

fn flag<T: Number>(answer: bool) -> T {
    number(f64::from(u8::from(answer)))
}

/// A name, and what a number is asked, beside another one.
type Question<T> = (&'static str, fn(T, T) -> T);
/// A name, how many guards are left, and the question.
type Asked = (&'static str, usize, fn(Var, Var) -> bool);

fn questions<T: Number>() -> Vec<Question<T>> {
    let mut all: Vec<Question<T>> = Vec::new();
    macro_rules! ask {
        ($Trait:ident: $($f:ident)*; $($g:ident(other))*; $($h:ident?)*) => {
            $(all.push((concat!(stringify!($Trait), "::", stringify!($f)), |x, _| $Trait::$f(x)));)*
            $(all.push((concat!(stringify!($Trait), "::", stringify!($g)), |x, y| $Trait::$g(x, y)));)*
            $(all.push((concat!(stringify!($Trait), "::", stringify!($h)), |x, _| flag($Trait::$h(x))));)*
        };
    }
    ask! { Float:
        floor ceil round trunc fract abs signum recip sqrt cbrt exp exp2 ln log2 log10 sin cos tan asin acos atan exp_m1
        ln_1p sinh cosh tanh asinh acosh atanh to_degrees to_radians;
        max(other) min(other) powf(other) log(other) atan2(other) hypot(other) abs_sub(other) copysign(other);
        is_nan? is_infinite? is_finite? is_normal? is_subnormal? is_sign_positive? is_sign_negative?
    }
    ask! { FloatCore:
        floor ceil round trunc fract abs signum recip to_degrees to_radians;
        max(other) min(other);
        is_nan? is_infinite? is_finite? is_normal? is_subnormal? is_sign_positive? is_sign_negative?
    }
    let more: [Question<T>; 28] = [
        ("Float::clamp", |x, y| match y <= y + T::one() {
            true => Float::clamp(x, y, y + T::one()),
            false => x,
        }),
        ("FloatCore::clamp", |x, y| match y <= y + T::one() {
            true => FloatCore::clamp(x, y, y + T::one()),
            false => x,
        }),
        ("Float::powi", |x, _| Float::powi(x, 3)),
        ("FloatCore::powi", |x, _| FloatCore::powi(x, -2)),
        ("Float::mul_add", |x, y| Float::mul_add(x, y, y)),
        ("Float::sin_cos", |x, _| Float::sin_cos(x).0 - Float::sin_cos(x).1),
        ("Float::classify", |x, _| number(Float::classify(x) as i32 as f64)),
        ("FloatCore::classify", |x, _| number(FloatCore::classify(x) as i32 as f64)),
        ("Float::integer_decode", |x, _| number(Float::integer_decode(x).0 as f64)),
        ("FloatCore::integer_decode", |x, _| number(f64::from(FloatCore::integer_decode(x).1))),
        ("MulAdd", |x, y| MulAdd::mul_add(x, y, x)),
        ("MulAddAssign", |mut x, y| {
            x.mul_add_assign(y, y);
            x
        }),
        ("Euclid::div_euclid", |x, y| x.div_euclid(&y)),
        ("Euclid::rem_euclid", |x, y| x.rem_euclid(&y)),
        ("Euclid::div_rem_euclid", |x, y| x.div_rem_euclid(&y).0 - x.div_rem_euclid(&y).1),
        ("TotalOrder", |x, y| sign(x.total_cmp(&y))),
        ("TotalOrder, of -x", |x, y| sign((-x).total_cmp(&y))),
        ("Inv", |x, _| x.inv()),
        ("Pow", |x, y| Pow::pow(x, y)),
        ("Signed::abs", |x, _| Signed::abs(&x)),
        ("Signed::abs_sub", |x, y| Signed::abs_sub(&x, &y)),
        ("Signed::signum", |x, _| Signed::signum(&x)),
        ("Signed::is_positive", |x, _| flag(x.is_positive())),
        ("Signed::is_negative", |x, _| flag(x.is_negative())),
        ("is_zero, is_one", |x, _| flag(x.is_zero() || x.is_one())),
        ("by reference", |x, y| x + &y - (x * &y) / &(x % &y)),
        ("assigned", |mut x, y| {
            x += &y;
            x *= &y;
            x -= y;
            x /= &y;
            x %= &y;
            x
        }),
        ("num_traits::pow", |x, _| num_traits::pow(x, 5)),
    ];
    all.extend(more);
    all
}

#[test]
fn every_method_has_the_value_of_f64_at_special_numbers() {
    let (plain, recorded, dual) =
        (questions::<f64>(), questions::<Var>(), questions::<Dual<Dual>>());
    assert_eq!((plain.len(), recorded.len()), (93, 93));
    let mut wrong = Vec::new();
    for (k, (what, f)) in plain.iter().enumerate() {
        for (x, y) in SPECIAL.iter().flat_map(|&x| SPECIAL.map(|y| (x, y))) {
            let expected = f(x, y);
            let tape = Tape::new();
            let at = |x: f64| Dual::new(Dual::new(x, 1.0), Dual::from(0.5));
            let found = [
                recorded[k].1(tape.var(x), tape.var(y)).value(),
                recorded[k].1(Var::from(x), Var::from(y)).value(),
                dual[k].1(at(x), at(y)).primal().primal(),
            ];
            // Functions of our own, such as `asinh` and `powi`, may differ from those of `std` in their last bits.
            let own = ["asinh", "acosh", "atanh", "powi"].iter().any(|own| what.ends_with(own));
            let bound = if own { 4.0 * f64::EPSILON * expected.abs() } else { 0.0 };
            for found in found {
                // Formulas of `std` that overflow where ours do not.
                let overflows = own && expected.is_infinite() && x.abs() > 1e300;
                let is_near = bound > 0.0 && (found - expected).abs() <= bound
                    || overflows && found.is_finite();
                // Which zero is the larger, `std` leaves open.
                let is_zero = found == 0.0 && expected == 0.0 && x == 0.0 && y == 0.0;
                let is_near =
                    is_near || is_zero && (what.ends_with("min") || what.ends_with("max"));
                if !same_bits(found, expected) && !is_near {
                    wrong.push(format!("{what}({x:e}, {y:e}): {found:e}, f64 has {expected:e}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn questions_about_a_value_leave_a_guard_and_quotients_none() {
    let asked: [Asked; 8] = [
        ("is_nan", 1, |x, _| Float::is_nan(x)),
        ("is_infinite", 2, |x, _| FloatCore::is_infinite(x)),
        ("is_sign_negative", 1, |x, _| FloatCore::is_sign_negative(x)),
        ("total_cmp", 1, |x, y| x.total_cmp(&y) == Ordering::Less),
        ("total_cmp of equals", 2, |x, _| x.total_cmp(&x) == Ordering::Equal),
        ("rem_euclid", 0, |x, y| x.rem_euclid(&y).value() == 1.5),
        ("div_euclid", 0, |x, y| x.div_euclid(&y).value() == -2.0),
        ("abs_sub", 0, |x, y| Float::abs_sub(x, y).value() == 0.0),
    ];
    let answers = [false, false, true, true, true, true, true, true];
    for ((what, guards, ask), answer) in asked.into_iter().zip(answers) {
        let tape = Tape::new();
        assert_eq!(ask(tape.var(-2.5), tape.var(2.0)), answer, "{what}");
        assert_eq!(tape.guards().len(), guards, "{what}");
    }
    // Which one is NaN, and the signs of zeros, are guarded as well.
    for (x, y, guards) in [(f64::NAN, 1.0, 3), (0.0, -0.0, 3)] {
        let tape = Tape::new();
        assert_eq!(tape.var(x).total_cmp(&tape.var(y)), Ordering::Greater);
        assert_eq!(tape.guards().len(), guards, "{x}, {y}");
    }
}

#[test]
fn a_euclidean_remainder_moves_with_the_dividend_and_by_the_quotient_with_the_divisor() {
    for (x, y) in [(7.5, 2.0), (-7.5, 2.0), (7.5, -2.0), (-7.5, -2.0), (0.5, 3.0), (-1e-3, 0.7)] {
        let quotient = f64::div_euclid(x, y);
        assert_eq!(gradient(|v| v[0].rem_euclid(&v[1]), &[x, y]), [1.0, -quotient], "{x}, {y}");
        assert_eq!(gradient(|v| v[0].div_euclid(&v[1]), &[x, y]), [0.0, 0.0], "{x}, {y}");
        assert_eq!(hessian(|v| v[0].rem_euclid(&v[1]), &[x, y]).as_slice(), [0.0; 4]);
        let (a, b) = (Dual::new(x, 1.0), Dual::new(y, 10.0));
        assert_eq!(a.rem_euclid(&b).tangent(), 1.0 - quotient * 10.0);
    }
    // An angle that wraps around replays freely, as `%` does.
    let program = Program::record(|v| v[0].rem_euclid(&Var::from(360.0)), &[10.0]);
    let mut workspace = Workspace::new();
    for x in [-10.0, 0.0, 359.0, 725.0, -1e4] {
        let mut slope = [0.0];
        let value = program.value_and_gradient(&[x], &mut slope, &mut workspace);
        assert_eq!((value, slope), (Ok(f64::rem_euclid(x, 360.0)), [1.0]));
    }
}

#[test]
fn the_other_methods_have_the_slopes_of_their_formulas() {
    type Case = (&'static str, fn(&[Var]) -> Var, [f64; 2]);
    let (x, y) = (2.5, 0.7);
    let cases: [Case; 12] = [
        ("mul_add_assign", |v| MulAdd::mul_add(v[0], v[1], v[0]), [y + 1.0, x]),
        (
            "mul_add_assign",
            |v| {
                let mut z = v[0];
                z.mul_add_assign(v[1], v[1]);
                z
            },
            [y, x + 1.0],
        ),
        ("abs_sub", |v| Signed::abs_sub(&v[0], &v[1]), [1.0, -1.0]),
        ("abs_sub, below", |v| Float::abs_sub(v[1], v[0]), [0.0, 0.0]),
        ("copysign", |v| Float::copysign(v[0], -v[1]), [-1.0, 0.0]),
        ("clamp", |v| FloatCore::clamp(v[0], -v[1], v[1]), [0.0, 1.0]),
        ("inv", |v| (&v[0]).inv(), [-1.0 / (x * x), 0.0]),
        ("to_degrees", |v| FloatCore::to_degrees(v[0]), [180.0 / std::f64::consts::PI, 0.0]),
        ("pow", |v| Pow::pow(&v[0], &v[1]), [y * x.powf(y - 1.0), x.powf(y) * x.ln()]),
        ("pow u8", |v| Pow::pow(v[0], 3_u8) + Pow::pow(&v[1], &2_i16), [3.0 * x * x, 2.0 * y]),
        ("pow f32", |v| Pow::pow(v[0], 0.5_f32), [0.5 / x.sqrt(), 0.0]),
        ("num_traits::pow", |v| num_traits::pow(v[0], 4), [4.0 * x * x * x, 0.0]),
    ];
    for (what, f, expected) in cases {
        close(&gradient(f, &[x, y]), &expected, 1e-15, what);
    }
}

#[test]
fn a_power_takes_each_exponent_that_f64_takes() {
    fn all<T>(x: T) -> Vec<T>
    where
        T: Copy,
        T: Pow<i8, Output = T> + Pow<u8, Output = T> + Pow<i16, Output = T> + Pow<u16, Output = T>,
        T: Pow<i32, Output = T> + Pow<f32, Output = T> + Pow<f64, Output = T>,
        T: for<'a> Pow<&'a i8, Output = T> + for<'a> Pow<&'a f64, Output = T>,
        for<'a> &'a T: Pow<u16, Output = T> + Pow<&'a f32, Output = T>,
    {
        vec![
            x.pow(-3_i8),
            x.pow(2_u8),
            x.pow(-1_i16),
            x.pow(3_u16),
            x.pow(-2_i32),
            x.pow(0.5_f32),
            x.pow(1.5),
            x.pow(&-3_i8),
            x.pow(&1.5_f64),
            (&x).pow(3_u16),
            (&x).pow(&0.5_f32),
        ]
    }
    // The types are named because num-rational, if a feature brings it in, has an endless row of candidates.
    for x in [2.5, -2.5, 0.0, f64::INFINITY] {
        let found: Vec<f64> = all::<Var>(Var::from(x)).iter().map(|y| y.value()).collect();
        let dual: Vec<f64> = all::<Dual>(Dual::new(x, 1.0)).iter().map(|y| y.primal()).collect();
        for ((found, dual), expected) in found.into_iter().zip(dual).zip(all::<f64>(x)) {
            // Integer powers are our own, which round elsewhere.
            assert!(ulps(found, expected) <= 2, "{x}: {found}, f64 has {expected}");
            assert!(same_bits(dual, found), "{x}: {dual}, {found}");
        }
    }
}

#[test]
fn casts_are_those_of_f64_and_make_constants() {
    fn read<T: ToPrimitive>(x: T) -> String {
        let small = (x.to_i8(), x.to_u8(), x.to_i16(), x.to_u16(), x.to_i32(), x.to_u32());
        let large = (x.to_i64(), x.to_u64(), x.to_i128(), x.to_u128(), x.to_isize(), x.to_usize());
        format!("{small:?} {large:?} {:?} {:?}", x.to_f32(), x.to_f64())
    }
    fn cast<T>(x: T) -> String
    where
        T: AsPrimitive<i8> + AsPrimitive<u64> + AsPrimitive<i128> + AsPrimitive<usize>,
        T: AsPrimitive<f32> + AsPrimitive<f64>,
    {
        let (a, b, c): (i8, u64, i128) = (x.as_(), x.as_(), x.as_());
        let (d, e, f): (usize, f32, f64) = (x.as_(), x.as_(), x.as_());
        format!("{a} {b} {c} {d} {e} {f}")
    }
    let tape = Tape::new();
    for x in SPECIAL {
        let (var, dual) = (tape.var(x), Dual::new(x, 1.0));
        assert_eq!((read(var), read(dual)), (read(x), read(x)), "{x}");
        assert_eq!((cast(var), cast(dual)), (cast(x), cast(x)), "{x}");
    }
    assert_eq!(tape.guards(), [], "a conversion asks nothing");
    fn from<T: FromPrimitive + 'static + Copy>() -> Vec<Option<T>>
    where
        u8: AsPrimitive<T>,
        i64: AsPrimitive<T>,
        u128: AsPrimitive<T>,
        f32: AsPrimitive<T>,
        f64: AsPrimitive<T>,
    {
        vec![
            T::from_i8(-3),
            T::from_u16(3),
            T::from_i64(i64::MIN),
            T::from_u64(u64::MAX),
            T::from_i128(i128::MIN),
            T::from_u128(u128::MAX),
            T::from_isize(-7),
            T::from_f32(0.1),
            T::from_f64(0.1),
            Some(200_u8.as_()),
            Some((i64::MIN + 1).as_()),
            Some(u128::MAX.as_()),
            Some(0.1_f32.as_()),
            Some(0.1_f64.as_()),
        ]
    }
    let values: Vec<Option<f64>> = from();
    assert!(from::<Var>().iter().all(|x| x.is_none_or(Var::is_constant)));
    assert_eq!(from::<Var>().iter().map(|x| x.map(Var::value)).collect::<Vec<_>>(), values);
    let duals: Vec<Option<f64>> = from::<Dual>().iter().map(|x| x.map(Dual::primal)).collect();
    assert_eq!(duals, values);
    assert!(from::<Dual>().iter().flatten().all(|x| x.tangent() == 0.0));
    // A variable to itself stays what it is.
    let x = tape.var(3.0);
    let same: Var = x.as_();
    assert_eq!((same * x).backward()[x], 6.0);
    let y: Dual = Dual::new(3.0, 2.0).as_();
    assert_eq!(y.tangent(), 2.0);
}

#[test]
fn constants_are_known_when_compiling_and_are_those_of_f64() {
    const ZERO: Var = <Var as ConstZero>::ZERO;
    const ONE: Var = <Var as ConstOne>::ONE;
    const NESTED: [Dual<Dual<Var>>; 2] = [ConstZero::ZERO, ConstOne::ONE];
    assert!(ZERO.is_constant() && ONE.is_constant());
    assert_eq!((ZERO.value(), ONE.value()), (0.0, 1.0));
    assert_eq!(NESTED.map(|x| x.primal().primal().value()), [0.0, 1.0]);
    // It does not move: a constant 0 blocks what an infinite slope would let through.
    let x = Dual::new(Dual::<Var>::new(0.0.into(), 1.0.into()), Dual::from(1.0));
    assert_eq!((Float::sqrt(x) * NESTED[0]).tangent().primal().value(), 0.0);
    fn consts<T: FloatConst + Float + FloatCore>() -> Vec<f64> {
        let mut all = Vec::new();
        macro_rules! all {
            ($($Trait:ident::$name:ident)*) => { $(all.push(<T as $Trait>::$name().to_f64().expect("a number"));)* };
        }
        all! {
            FloatConst::E FloatConst::FRAC_1_PI FloatConst::FRAC_1_SQRT_2 FloatConst::FRAC_2_PI
            FloatConst::FRAC_2_SQRT_PI FloatConst::FRAC_PI_2 FloatConst::FRAC_PI_3 FloatConst::FRAC_PI_4
            FloatConst::FRAC_PI_6 FloatConst::FRAC_PI_8 FloatConst::LN_10 FloatConst::LN_2 FloatConst::LOG10_2
            FloatConst::LOG10_E FloatConst::LOG2_10 FloatConst::LOG2_E FloatConst::PI FloatConst::SQRT_2
            FloatConst::TAU Float::infinity Float::neg_infinity Float::neg_zero Float::min_value Float::max_value
            Float::min_positive_value Float::epsilon FloatCore::infinity FloatCore::neg_infinity
            FloatCore::neg_zero FloatCore::min_value FloatCore::max_value FloatCore::min_positive_value
            FloatCore::epsilon
        }
        assert!(<T as Float>::nan() != <T as Float>::nan());
        all
    }
    let bits = |all: Vec<f64>| all.into_iter().map(f64::to_bits).collect::<Vec<_>>();
    assert_eq!(bits(consts::<Var>()), bits(consts::<f64>()));
    assert_eq!(bits(consts::<Dual>()), bits(consts::<f64>()));
}

/// Written for the traits that are there by their operators alone.
///
/// Its calls name the type: with sprs and nalgebra in one program, both of which have operators on references, the compiler
/// does not find an end when it looks for the implementations of `&_: RefNum<_>`.
fn in_every_form<T: NumAssignRef + NumRef + Copy>(x: T, y: T) -> T
where
    for<'a> &'a T: RefNum<T>,
{
    let mut z = &x * &y + x * &y;
    z -= &(&x / y);
    z *= x;
    z
}

#[test]
fn operators_by_reference_are_differentiated() {
    let (x, y) = (1.5, 0.4);
    assert_eq!(in_every_form::<Var>(x.into(), y.into()).value(), in_every_form::<f64>(x, y));
    // 2x²y - x²/y
    let expected = [4.0 * x * y - 2.0 * x / y, 2.0 * x * x + x * x / (y * y)];
    close(&gradient(|v| in_every_form::<Var>(v[0], v[1]), &[x, y]), &expected, 1e-15, "x and y");
    let found = in_every_form::<Dual>(Dual::new(x, 1.0), Dual::new(y, 0.0)).tangent();
    close(&[found], &expected[..1], 1e-15, "dual");
    let weights = [2.0, 3.0];
    let weighed = |v: &[Var]| {
        let mut sum = v[0];
        weights.iter().for_each(|w| sum *= w);
        sum
    };
    assert_eq!(gradient(weighed, &[x]), [6.0]);
}
