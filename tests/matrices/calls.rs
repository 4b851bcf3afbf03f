// What code that is generic over nalgebra's `RealField` does with `f64` and with variables.

/// What a square matrix and a vector give.
type Call<T> = fn(&DMatrix<T>, &DVector<T>) -> Vec<T>;

/// Everyday calls, by name.
fn calls<T: RealField + Copy>() -> Vec<(&'static str, Call<T>)> {
    vec![
        ("m * m", |m, _| (m * m).as_slice().to_vec()),
        ("m * v", |m, v| (m * v).as_slice().to_vec()),
        ("m * 2", |m, _| (m * T::from_f64(2.0).unwrap()).as_slice().to_vec()),
        ("m / 2 - m", |m, _| (m / T::from_f64(2.0).unwrap() - m).as_slice().to_vec()),
        ("norm", |m, v| vec![m.norm(), v.norm(), v.norm_squared(), v.lp_norm(3)]),
        ("normalize", |_, v| v.normalize().as_slice().to_vec()),
        ("max, min", |m, _| vec![m.max(), m.min(), m.amax(), m.camax()]),
        ("mean, variance", |_, v| vec![v.mean(), v.variance()]),
        ("determinant", |m, _| vec![m.determinant()]),
        ("inverse", |m, _| m.clone().try_inverse().unwrap().as_slice().to_vec()),
        ("lu", |m, v| m.clone().lu().solve(v).unwrap().as_slice().to_vec()),
        ("full_piv_lu", |m, v| m.clone().full_piv_lu().solve(v).unwrap().as_slice().to_vec()),
        ("qr", |m, v| m.clone().qr().solve(v).unwrap().as_slice().to_vec()),
        ("cholesky", |m, v| {
            let spd = m.transpose() * m + DMatrix::identity(m.nrows(), m.nrows());
            spd.cholesky().unwrap().solve(v).as_slice().to_vec()
        }),
        ("symmetric_eigen", |m, _| {
            let eigen = (m + m.transpose()).symmetric_eigen();
            [eigen.eigenvalues.as_slice(), eigen.eigenvectors.as_slice()].concat()
        }),
        ("symmetric_eigenvalues", |m, _| {
            (m + m.transpose()).symmetric_eigenvalues().as_slice().to_vec()
        }),
        ("svd", |m, _| {
            let svd = m.clone().svd(true, true);
            let (u, v) = (svd.u.unwrap(), svd.v_t.unwrap());
            [svd.singular_values.as_slice(), u.as_slice(), v.as_slice()].concat()
        }),
        ("pseudo_inverse", |m, _| {
            let eps = T::from_f64(1e-12).unwrap();
            m.clone().pseudo_inverse(eps).unwrap().as_slice().to_vec()
        }),
        ("hessenberg, bidiagonal", |m, _| {
            [m.clone().hessenberg().h().as_slice(), m.clone().bidiagonalize().d().as_slice()].concat()
        }),
        ("exp", |m, _| m.exp().as_slice().to_vec()),
        ("solve_lower_triangular", |m, v| {
            m.solve_lower_triangular(v).unwrap().as_slice().to_vec()
        }),
        ("rotation", |_, v| {
            let w = Vector3::new(v[0], v[1], v[2]);
            let turned = Rotation3::new(w) * Vector3::new(v[2], v[0], v[1]);
            let (roll, pitch, yaw) = Rotation3::new(w).euler_angles();
            let q = UnitQuaternion::from_scaled_axis(w);
            let between = q.angle_to(&UnitQuaternion::from_euler_angles(v[0], v[1], v[2]));
            let slerp = q.slerp(&UnitQuaternion::identity(), T::from_f64(0.3).unwrap());
            let mut all = vec![roll, pitch, yaw, between, q.angle()];
            all.extend(turned.iter().chain(slerp.coords.iter()));
            all
        }),
        ("cross, dot, angle", |_, v| {
            let (a, b) = (Vector3::new(v[0], v[1], v[2]), Vector3::new(v[1], v[2], v[0]));
            let cross = a.cross(&b);
            vec![cross[0], cross[1], cross[2], a.dot(&b), a.angle(&b)]
        }),
        ("fixed sizes", |m, _| {
            let m3 = Matrix3::from_fn(|i, j| m[(i, j)]);
            let m4 = Matrix4::from_fn(|i, j| m[(i % 3, j)] + T::from_usize(i * j).unwrap());
            vec![m3.determinant(), m3.try_inverse().unwrap()[(2, 1)], m4.determinant()]
        }),
    ]
}

/// A matrix and a vector, well conditioned and without symmetries.
fn numbers(n: usize) -> (DMatrix<f64>, DVector<f64>) {
    let mut random = random(n as u64);
    let m = DMatrix::from_fn(n, n, |i, j| random.f64() - 0.5 + if i == j { 2.0 } else { 0.0 });
    (m, DVector::from_fn(n, |_, _| random.f64() + 0.1))
}

/// As long as nalgebra runs the same code: products of `f64` with more than five rows are another crate's, with FMA.
#[test]
fn values_are_those_of_f64_to_the_bit() {
    for n in [4, 5] {
        let (m, v) = numbers(n);
        let tape = Tape::new();
        let (on_tape, vector) = (m.map(|x| tape.var(x)), v.map(|x| tape.var(x)));
        for ((what, plain), (_, recorded)) in calls::<f64>().into_iter().zip(calls::<Var>()) {
            let found: Vec<u64> =
                recorded(&on_tape, &vector).iter().map(|y| y.value().to_bits()).collect();
            let expected: Vec<u64> = plain(&m, &v).iter().map(|y| y.to_bits()).collect();
            assert_eq!(found, expected, "{what}, {n} rows");
        }
    }
}

#[test]
fn constants_record_nothing() {
    let (m, v) = numbers(4);
    let tape = Tape::new();
    let _x = tape.var(1.0);
    let (m, v) = (m.map(Var::from), v.map(Var::from));
    for (what, call) in calls::<Var>() {
        assert!(call(&m, &v).iter().all(|y| y.is_constant()), "{what}");
    }
    assert_eq!((tape.len(), tape.guards().len()), (1, 0));
}

#[test]
fn each_call_has_the_gradient_of_differences() {
    let (m, v) = numbers(4);
    for ((what, plain), (_, recorded)) in calls::<f64>().into_iter().zip(calls::<Var>()) {
        let outputs = plain(&m, &v).len();
        let weights: Vec<f64> = (0..outputs).map(|i| 0.3 + (i * i % 7) as f64 * 0.2).collect();
        let tape = Tape::new();
        let (on_tape, vector) = (m.map(|x| tape.var(x)), v.map(|x| tape.var(x)));
        let y: Var =
            recorded(&on_tape, &vector).iter().zip(&weights).map(|(&y, &w)| y * w).sum();
        let slopes = y.backward();
        let value = |m: &DMatrix<f64>, v: &DVector<f64>| -> f64 {
            plain(m, v).iter().zip(&weights).map(|(y, w)| y * w).sum()
        };
        let h = 1e-4;
        // Of fourth order: the error is about h⁴ and 1e-16 / h.
        let difference = |at: &dyn Fn(f64) -> f64| {
            (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h)
        };
        let mut found: Vec<f64> = on_tape.iter().map(|&x| slopes.wrt(x)).collect();
        found.extend(vector.iter().map(|&x| slopes.wrt(x)));
        let mut expected = Vec::new();
        for k in 0..16 {
            expected.push(difference(&|h| {
                let mut m = m.clone();
                m.as_mut_slice()[k] += h;
                value(&m, &v)
            }));
        }
        for k in 0..4 {
            expected.push(difference(&|h| {
                let mut v = v.clone();
                v[k] += h;
                value(&m, &v)
            }));
        }
        // Calls that do not use the vector, or the matrix, have slopes of 0 in both.
        let scale = expected.iter().fold(1.0, |m: f64, e| m.max(e.abs()));
        for (f, e) in found.iter().zip(&expected) {
            assert!((f - e).abs() < 1e-9 * scale, "{what}: {f} and {e}");
        }
    }
}

#[test]
fn pivots_and_convergence_leave_guards_and_products_none() {
    let (m, v) = numbers(4);
    let tape = Tape::new();
    let (m, v) = (m.map(|x| tape.var(x)), v.map(|x| tape.var(x)));
    let _ = &m * &v;
    assert_eq!(tape.guards().len(), 0);
    for call in [
        |m: DMatrix<Var>| m.lu().determinant(),
        |m: DMatrix<Var>| m.clone().symmetric_eigenvalues()[0],
    ] {
        let before = tape.guards().len();
        let _ = call(m.clone());
        assert!(tape.guards().len() > before);
    }
}

#[test]
fn a_variable_that_is_read_as_a_number_must_stay_that_number() {
    assert_eq!(try_convert::<Var, f64>(Var::from(2.0)), Some(2.0));
    let tape = Tape::new();
    let x = tape.var(0.7);
    assert_eq!(try_convert::<Var, f64>(x), Some(0.7));
    assert_eq!(tape.guards().len(), 1);
    // An exponential counts its squarings on plain numbers: at other inputs there might be more.
    let program = Program::record(
        |x| (DMatrix::from_fn(3, 3, |i, j| Var::from((i + 2 * j) as f64)) * x[0]).exp().trace(),
        &[1.0],
    );
    let mut workspace = Workspace::new();
    assert!(program.value(&[1.0], &mut workspace).is_ok());
    let error = program.value(&[40.0], &mut workspace).expect_err("more squarings");
    assert!(matches!(error, ReplayError::BranchChanged(_)), "{error}");
}

/// A name, and what a number is asked, beside another one.
type Question<T> = (&'static str, fn(T, T) -> T);

/// What a number alone is asked, by name.
fn questions<T: RealField + Copy>() -> Vec<Question<T>> {
    use library::ComplexField;
    macro_rules! all {
        ($($f:ident)*) => { vec![$((stringify!($f), |x: T, _| x.$f())),*] };
    }
    let mut all: Vec<Question<T>> = all! {
        real imaginary modulus modulus_squared argument norm1 floor ceil round trunc fract abs recip conjugate
        sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh sinc sinhc ln ln_1p log2 log10 sqrt cbrt
        exp exp2 exp_m1
    };
    let more: [Question<T>; 18] = [
        ("from_real", |x, _| T::from_real(x)),
        ("signum", |x, _| ComplexField::signum(x)),
        ("to_exp", |x, _| x.to_exp().0 + x.to_exp().1),
        ("to_polar", |x, _| x.to_polar().0 + x.to_polar().1),
        ("sin_cos", |x, _| x.sin_cos().0 - x.sin_cos().1),
        ("powi", |x, _| x.powi(3)),
        ("try_sqrt", |x, _| x.try_sqrt().unwrap_or(-T::one())),
        ("is_finite", |x, _| if x.is_finite() { T::one() } else { T::zero() }),
        ("is_sign_negative", |x, _| if x.is_sign_negative() { T::one() } else { T::zero() }),
        ("scale", |x, y| x.scale(y)),
        ("unscale", |x, y| x.unscale(y)),
        ("hypot", |x, y| ComplexField::hypot(x, y)),
        ("powf, powc", |x, y| x.powf(y) - x.powc(y)),
        ("atan2", |x, y| x.atan2(y)),
        ("copysign", |x, y| x.copysign(y)),
        ("max", |x, y| RealField::max(x, y)),
        ("min", |x, y| RealField::min(x, y)),
        ("clamp", |x, y| RealField::clamp(x, y, y + T::one())),
    ];
    all.extend(more);
    all
}

#[test]
fn a_number_alone_has_the_values_of_f64_at_special_ones_too() {
    let (inf, tiny) = (f64::INFINITY, f64::MIN_POSITIVE);
    let values = [0.0, -0.0, 1.0, -1.0, 0.3, -2.5, 7.5, 1e-9, tiny, -1e300, inf, -inf, f64::NAN];
    let (plain, mut wrong) = (questions::<f64>(), Vec::new());
    for (k, (what, expected)) in plain.iter().enumerate() {
        let (recorded, dual) = (questions::<Var>()[k].1, questions::<Dual>()[k].1);
        for (x, y) in values.iter().flat_map(|&x| values.map(|y| (x, y))) {
            let expected = match *what {
                // The limit, and a sign that means nothing.
                "sinc" if x.is_infinite() => 0.0,
                "copysign" if y.is_nan() => f64::NAN,
                _ => expected(x, y),
            };
            let tape = Tape::new();
            let (var, other) = (tape.var(x), tape.var(y));
            let found = [recorded(var, other).value(), dual(x.into(), y.into()).primal()];
            for found in found {
                // Functions of our own, such as `asinh`, may differ in their last bits.
                let is_near = (found - expected).abs() <= 4.0 * f64::EPSILON * expected.abs();
                if !same(found, expected) && !is_near {
                    wrong.push(format!("{what}({x}, {y}): {found}, {expected}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_cardinal_sine_and_its_hyperbolic_kin_keep_their_digits_near_zero() {
    use library::ComplexField;
    // sinhc = 1 + x²/6 + x⁴/120 + ..., and sinc with alternating signs.
    for x in [0.0_f64, 1e-8, 1e-3, -0.1] {
        let second = [1.0, -1.0].map(|sign| {
            sign / 3.0 + x * x / 10.0 + sign * f64::powi(x, 4) / 168.0 + f64::powi(x, 6) / 6480.0
        });
        let found = [
            hessian(|x| x[0].sinhc(), &[x]).as_slice()[0],
            hessian(|x| ComplexField::sinc(x[0]), &[x]).as_slice()[0],
        ];
        close(&found, &second, 1e-13, "second derivative");
    }
    for x in [0.999, 1.0, 1.001, 3.0] {
        // (cosh x - sinhc x) / x
        let expected = (f64::cosh(x) - f64::sinh(x) / x) / x;
        close(&gradient(|x| x[0].sinhc(), &[x]), &[expected], 1e-14, "slope");
    }
}
