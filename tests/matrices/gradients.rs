// Gradients, and second derivatives, beside closed forms.

/// The matrix whose entries are inputs, column by column as nalgebra has them.
fn matrix(n: usize, x: &[Var]) -> DMatrix<Var> {
    DMatrix::from_column_slice(n, n, x)
}

/// `A + p₀ B + p₁ C` with symmetric matrices: what decompositions that read one triangle are given.
struct Symmetric {
    a: DMatrix<f64>,
    directions: [DMatrix<f64>; 2],
}

impl Symmetric {
    fn new(n: usize, seed: u64, positive: bool) -> Symmetric {
        let mut random = random(seed);
        let mut symmetric = |diagonal: f64| {
            let m = DMatrix::from_fn(n, n, |i, _| random.f64() - 0.5 + diagonal * i as f64);
            &m + m.transpose()
        };
        let mut a = symmetric(0.3);
        if positive {
            a = &a * &a + DMatrix::identity(n, n);
        }
        Symmetric { a, directions: [symmetric(0.0), symmetric(0.0)] }
    }

    fn at(&self, p: &[Var]) -> DMatrix<Var> {
        let [b, c] = self.directions.each_ref().map(|m| m.map(Var::from));
        self.a.map(Var::from) + b * p[0] + c * p[1]
    }
}

#[test]
fn the_gradient_of_a_determinant_is_its_adjugate() {
    for n in 1..=6 {
        let (a, _) = numbers(n);
        let found = gradient(|x| matrix(n, x).determinant(), a.as_slice());
        // ∂ det A / ∂A = det A · A⁻ᵀ
        let expected = a.clone().try_inverse().unwrap().transpose() * a.determinant();
        close(&found, expected.as_slice(), 1e-12, "det");
    }
}

#[test]
fn second_derivatives_of_a_log_determinant_are_products_of_inverses() {
    let n = 4;
    let (a, _) = numbers(n);
    let inverse = a.clone().try_inverse().unwrap();
    let found = hessian(|x| matrix(n, x).lu().determinant().abs().ln(), a.as_slice());
    for (i, j, k, l) in (0..256).map(|at| (at % 4, at / 4 % 4, at / 16 % 4, at / 64)) {
        // ∂² ln |det A| / ∂aᵢⱼ ∂aₖₗ = -(A⁻¹)ₗᵢ (A⁻¹)ⱼₖ
        let expected = -inverse[(l, i)] * inverse[(j, k)];
        let found = found[(j * n + i, l * n + k)];
        assert!((found - expected).abs() < 1e-12, "{i} {j} {k} {l}: {found} and {expected}");
    }
}

#[test]
fn the_gradient_of_a_solution_is_a_transposed_solution() {
    type Solve = fn(DMatrix<Var>, &DVector<Var>) -> DVector<Var>;
    let solves: [(&str, Solve); 4] = [
        ("lu", |a, b| a.lu().solve(b).unwrap()),
        ("full_piv_lu", |a, b| a.full_piv_lu().solve(b).unwrap()),
        ("qr", |a, b| a.qr().solve(b).unwrap()),
        ("inverse", |a, b| a.try_inverse().unwrap() * b),
    ];
    for (what, solve) in solves {
        for n in [1, 2, 3, 5, 10] {
            let (a, b) = numbers(n);
            let w = DVector::from_fn(n, |i, _| 1.0 - i as f64 * 0.3);
            let all: Vec<f64> = a.iter().chain(b.iter()).copied().collect();
            let found = gradient(
                |x| {
                    let (a, b) = x.split_at(n * n);
                    let solution = solve(matrix(n, a), &DVector::from_column_slice(b));
                    solution.iter().zip(w.iter()).map(|(&x, &w)| x * w).sum::<Var>()
                },
                &all,
            );
            // b̄ = A⁻ᵀ w, Ā = -b̄ xᵀ
            let x = a.clone().lu().solve(&b).unwrap();
            let of_b = a.transpose().lu().solve(&w).unwrap();
            let of_a = -&of_b * x.transpose();
            let expected: Vec<f64> = of_a.iter().chain(of_b.iter()).copied().collect();
            close(&found, &expected, 1e-12, what);
        }
    }
}

#[test]
fn a_cholesky_factor_gives_the_log_determinant_and_its_derivatives() {
    let family = Symmetric::new(5, 3, true);
    let log_det = |p: &[Var]| {
        let factor = family.at(p).cholesky().unwrap();
        factor.l_dirty().diagonal().iter().map(|l| l.ln()).sum::<Var>() * 2.0
    };
    let inverse = family.a.clone().try_inverse().unwrap();
    let slope = |m: &DMatrix<f64>| (&inverse * m).trace();
    let bend = |m: &DMatrix<f64>, o: &DMatrix<f64>| -(&inverse * m * &inverse * o).trace();
    let [b, c] = &family.directions;
    close(&gradient(log_det, &[0.0, 0.0]), &[slope(b), slope(c)], 1e-12, "gradient");
    let h = hessian(log_det, &[0.0, 0.0]);
    close(h.as_slice(), &[bend(b, b), bend(b, c), bend(c, b), bend(c, c)], 1e-11, "Hessian");
}

#[test]
fn eigenvalues_have_the_derivatives_of_perturbation_theory() {
    for n in [2, 3, 6] {
        let family = Symmetric::new(n, 5, false);
        let plain = family.a.clone().symmetric_eigen();
        let v = |k: usize| plain.eigenvectors.column(k).into_owned();
        let [b, c] = &family.directions;
        for k in 0..n {
            let eigenvalue = |p: &[Var]| family.at(p).symmetric_eigen().eigenvalues[k];
            let element = |i: usize, m: &DMatrix<f64>| (v(i).transpose() * m * v(k))[0];
            let found = gradient(eigenvalue, &[0.0, 0.0]);
            close(&found, &[element(k, b), element(k, c)], 1e-12, "eigenvalue");
            // λₖ'' = 2 Σⱼ (vⱼᵀ B vₖ)(vⱼᵀ C vₖ) / (λₖ - λⱼ)
            let bend = |m: &DMatrix<f64>, o: &DMatrix<f64>| -> f64 {
                let gap = |j: usize| plain.eigenvalues[k] - plain.eigenvalues[j];
                let others = (0..n).filter(|&j| j != k);
                2.0 * others.map(|j| element(j, m) * element(j, o) / gap(j)).sum::<f64>()
            };
            let h = hessian(eigenvalue, &[0.0, 0.0]);
            let expected = [bend(b, b), bend(b, c), bend(c, b), bend(c, c)];
            close(h.as_slice(), &expected, 1e-11, "second derivative of an eigenvalue");
        }
    }
}

#[test]
fn eigenvectors_have_the_derivatives_of_perturbation_theory() {
    let n = 4;
    let family = Symmetric::new(n, 7, false);
    let plain = family.a.clone().symmetric_eigen();
    let v = |k: usize| plain.eigenvectors.column(k).into_owned();
    for k in 0..n {
        for i in 0..n {
            let entry = |p: &[Var]| family.at(p).symmetric_eigen().eigenvectors[(i, k)];
            // vₖ' = Σⱼ vⱼ (vⱼᵀ B vₖ) / (λₖ - λⱼ)
            let slope = |m: &DMatrix<f64>| -> f64 {
                let others = (0..n).filter(|&j| j != k);
                let gap = |j: usize| plain.eigenvalues[k] - plain.eigenvalues[j];
                others.map(|j| v(j)[i] * (v(j).transpose() * m * v(k))[0] / gap(j)).sum()
            };
            let expected = family.directions.each_ref().map(slope);
            close(&gradient(entry, &[0.0, 0.0]), &expected, 1e-11, "eigenvector");
        }
    }
}

#[test]
fn singular_values_have_the_gradient_of_their_vectors() {
    for n in [2, 3, 5] {
        let (a, _) = numbers(n);
        let plain = a.clone().svd(true, true);
        let (u, v) = (plain.u.unwrap(), plain.v_t.unwrap().transpose());
        for k in 0..n {
            let found = gradient(|x| matrix(n, x).svd(true, true).singular_values[k], a.as_slice());
            let expected = u.column(k) * v.column(k).transpose();
            close(&found, expected.as_slice(), 1e-12, "singular value");
        }
    }
}

#[test]
fn norms_and_rotations_have_the_gradients_of_their_formulas() {
    let (a, v) = numbers(3);
    let norm = gradient(|x| matrix(3, x).norm(), a.as_slice());
    close(&norm, (&a / a.norm()).as_slice(), 1e-15, "norm");
    // d R(w) x / dw, about a fixed axis: the turned vector crossed with the axis.
    let axis = Vector3::new(1.0, 2.0, 2.0) / 3.0;
    let x = Vector3::new(v[0], v[1], v[2]);
    for angle in [0.3, 1.0, 3.0] {
        let turned = Rotation3::new(axis * angle) * x;
        let expected = axis.cross(&turned);
        for i in 0..3 {
            let along = |t: &[Var]| {
                let rotation = Rotation3::new(axis.map(Var::from) * t[0]);
                (rotation * x.map(Var::from))[i]
            };
            let by_quaternion = |t: &[Var]| {
                let rotation = UnitQuaternion::from_scaled_axis(axis.map(Var::from) * t[0]);
                (rotation * x.map(Var::from))[i]
            };
            let found = [gradient(along, &[angle])[0], gradient(by_quaternion, &[angle])[0]];
            close(&found, &[expected[i]; 2], 1e-14, "rotation");
        }
    }
}

#[test]
fn dual_numbers_carry_slopes_through_decompositions_too() {
    let (a, b) = numbers(4);
    let along = DMatrix::from_fn(4, 4, |i, j| (i as f64 - j as f64) * 0.3 + 0.1);
    let moving = a.zip_map(&along, Dual::new);
    let inverse = a.clone().try_inverse().unwrap();
    // (ln det A)' = tr A⁻¹ A', and x' = -A⁻¹ A' x where A x = b.
    let log_det = moving.clone().lu().determinant().ln();
    close(&[log_det.tangent()], &[(&inverse * &along).trace()], 1e-13, "ln det");
    let solution = moving.qr().solve(&b.map(Dual::from)).unwrap();
    let expected = -&inverse * &along * (&inverse * &b);
    close(solution.map(Dual::tangent).as_slice(), expected.as_slice(), 1e-12, "solution");
    // A dual number of variables: the slope is on the tape.
    let slope = |x: &[Var]| {
        let moving = DMatrix::from_fn(4, 4, |i, j| Dual::new(x[j * 4 + i], along[(i, j)].into()));
        moving.lu().determinant().ln().tangent()
    };
    let bend = gradient(slope, a.as_slice());
    // -(A⁻¹ A' A⁻¹)ᵀ
    let expected = -(&inverse * &along * &inverse).transpose();
    close(&bend, expected.as_slice(), 1e-12, "second derivative");
}

/// What `docs/other-crates.md` warns of: nalgebra leaves out what is zero, and with it its slopes.
#[test]
fn slopes_that_nalgebra_leaves_out_are_those_that_the_page_names() {
    let (zero, x) = (Var::from(0.0), Vector3::new(1.0, 2.0, 3.0).map(Var::from));
    // A rotation by nothing: the slopes are those of w × x.
    let turned = |w: &[Var]| (Rotation3::new(Vector3::new(w[0], w[1], w[2])) * x)[0];
    let nearly = gradient(turned, &[1e-9, 0.0, 0.0]);
    close(&nearly, &[0.0, 3.0, -2.0], 1e-8, "a rotation by nearly nothing");
    assert_eq!(gradient(turned, &[0.0; 3]), [0.0; 3]);
    let by_euler_angles = |w: &[Var]| (Rotation3::from_euler_angles(w[0], w[1], w[2]) * x)[0];
    assert_eq!(gradient(by_euler_angles, &[0.0; 3]), [0.0, 3.0, -2.0]);
    // A matrix that is diagonal already: the eigenvectors turn with slope 1 / (λ₁ - λ₀).
    let vector = |p: &[Var]| {
        let m = DMatrix::from_row_slice(2, 2, &[Var::from(1.0), p[0], p[0], Var::from(2.0)]);
        m.symmetric_eigen().eigenvectors.row(0).product().abs()
    };
    close(&gradient(vector, &[1e-3]), &[1.0], 1e-4, "nearly diagonal");
    assert_eq!(gradient(vector, &[0.0]), [0.0]);
    let (sin, cos) = 0.5_f64.sin_cos();
    let q = DMatrix::from_row_slice(2, 2, &[cos, -sin, sin, cos]).map(Var::from);
    let in_another_basis = |p: &[Var]| {
        let m = DMatrix::from_row_slice(2, 2, &[Var::from(1.0), p[0], p[0], Var::from(2.0)]);
        (q.transpose() * (&q * m * q.transpose()).symmetric_eigen().eigenvectors).row(0).product()
    };
    close(&[gradient(in_another_basis, &[0.0])[0].abs()], &[1.0], 1e-12, "in another basis");
    // A column without a pivot in the middle of an elimination: the slope of the determinant to an entry below.
    let singular = |p: &[Var]| {
        let mut m = DMatrix::from_diagonal_element(4, 4, Var::from(1.0));
        (m[(1, 1)], m[(2, 1)], m[(1, 2)]) = (zero, p[0], Var::from(1.0));
        m
    };
    assert_eq!(gradient(|p| singular(p).determinant(), &[1e-9]), [-1.0]);
    assert_eq!(gradient(|p| singular(p).determinant(), &[0.0]), [0.0]);
    assert_eq!(gradient(|p| singular(p).full_piv_lu().determinant(), &[0.0]), [0.0]);
    let product_of_pivots = |p: &[Var]| {
        let lu = singular(p).full_piv_lu();
        let signs = lu.p().determinant::<Var>() * lu.q().determinant::<Var>();
        lu.u().diagonal().product() * signs
    };
    assert_eq!(gradient(product_of_pivots, &[0.0]), [-1.0]);
    // What has no slope is NaN, and seen: a norm of nothing, singular values that meet.
    let norm = gradient(|x| Vector3::new(x[0], x[1], x[2]).norm(), &[0.0; 3]);
    assert!(norm.iter().all(|slope| slope.is_nan()));
}
