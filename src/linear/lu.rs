//! LU factorization of plain numbers, with scaling, and how far it can be trusted.

/// Which entry becomes the next pivot: the largest of its column, or of all that is left.
///
/// The latter takes twice as long and finds the rank.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Pivoting {
    Partial,
    Complete,
}

/// `R A C = P⁻¹ L U Q⁻¹`: `R` and `C` scale rows and columns, `P` and `Q` exchange them.
pub(crate) struct Lu {
    n: usize,
    /// `L` below the diagonal, which is 1; `U` on and above it. Row-major.
    lu: Vec<f64>,
    /// Row `i` of `L U` is row `rows[i]` of the matrix, its column `j` is column `columns[j]`.
    pub rows: Vec<usize>,
    pub columns: Vec<usize>,
    /// What rows and columns of the matrix were multiplied by: powers of two.
    pub row_scale: Vec<f64>,
    pub column_scale: Vec<f64>,
    /// 1, or -1 if `P` and `Q` are together odd.
    pub sign: f64,
    /// The reciprocal condition number of the scaled matrix in the 1-norm, estimated; 0 if a pivot is 0.
    pub rcond: f64,
}

impl Lu {
    /// Factor `n` rows of `n` finite numbers.
    pub fn new(a: &[f64], n: usize, pivoting: Pivoting) -> Lu {
        let (row_scale, column_scale) = scales(a, n);
        let mut lu = a.to_vec();
        for (row, row_scale) in lu.chunks_exact_mut(n.max(1)).zip(&row_scale) {
            row.iter_mut().zip(&column_scale).for_each(|(x, scale)| *x = *x * row_scale * scale);
        }
        let norm = column_sums(&lu, n).into_iter().fold(0.0, f64::max);
        let (mut rows, mut columns): (Vec<usize>, Vec<usize>) =
            ((0..n).collect(), (0..n).collect());
        let mut sign = 1.0;
        for k in 0..n {
            let candidates = match pivoting {
                Pivoting::Partial => k..k + 1,
                Pivoting::Complete => k..n,
            };
            let (i, j) = largest(&lu, n, k, candidates);
            if i != k {
                let (above, below) = lu.split_at_mut(i * n);
                above[k * n..(k + 1) * n].swap_with_slice(&mut below[..n]);
                rows.swap(i, k);
                sign = -sign;
            }
            if j != k {
                (0..n).for_each(|row| lu.swap(row * n + j, row * n + k));
                columns.swap(j, k);
                sign = -sign;
            }
            let (above, below) = lu.split_at_mut((k + 1) * n);
            let pivot_row = &above[k * n + k..];
            if pivot_row[0] == 0.0 {
                continue;
            }
            for row in below.chunks_exact_mut(n) {
                let factor = row[k] / pivot_row[0];
                row[k] = factor;
                let (rest, pivots) = (&mut row[k + 1..], &pivot_row[1..]);
                rest.iter_mut().zip(pivots).for_each(|(x, pivot)| *x -= factor * pivot);
            }
        }
        let mut factored = Lu { n, lu, rows, columns, row_scale, column_scale, sign, rcond: 0.0 };
        factored.rcond = match (0..n).any(|k| factored.pivot(k) == 0.0) {
            true => 0.0,
            false => 1.0 / (norm * factored.inverse_norm()),
        };
        factored
    }

    /// Read a pivot: the diagonal of `U`.
    pub fn pivot(&self, k: usize) -> f64 {
        self.lu[k * self.n + k]
    }

    /// Replace `b` by `A⁻¹ b`.
    pub fn solve(&self, b: &mut [f64]) {
        scale(b, &self.row_scale);
        self.solve_scaled(b);
        scale(b, &self.column_scale);
    }

    /// Replace `b` by `A⁻ᵀ b`.
    pub fn solve_transposed(&self, b: &mut [f64]) {
        scale(b, &self.column_scale);
        self.solve_scaled_transposed(b);
        scale(b, &self.row_scale);
    }

    fn solve_scaled(&self, b: &mut [f64]) {
        let mut x: Vec<f64> = self.rows.iter().map(|&row| b[row]).collect();
        self.lower(&mut x);
        self.upper(&mut x, self.n);
        self.columns.iter().zip(x).for_each(|(&column, x)| b[column] = x);
    }

    /// Replace `x` by `L⁻¹ x`.
    pub fn lower(&self, x: &mut [f64]) {
        for i in 1..self.n {
            let row = &self.lu[i * self.n..][..i];
            x[i] -= dot(row, &x[..i]);
        }
    }

    /// Replace the first `m` of `x` by `U⁻¹ x` with the first `m` rows and columns of `U`.
    pub fn upper(&self, x: &mut [f64], m: usize) {
        for i in (0..m).rev() {
            let row = &self.lu[i * self.n..][i..m];
            x[i] = (x[i] - dot(&row[1..], &x[i + 1..m])) / row[0];
        }
    }

    /// Read the last column of `U` above the diagonal.
    pub fn last_column(&self) -> impl Iterator<Item = f64> {
        (1..self.n).map(|i| self.lu[i * self.n - 1])
    }

    fn solve_scaled_transposed(&self, b: &mut [f64]) {
        let n = self.n;
        let mut x: Vec<f64> = self.columns.iter().map(|&column| b[column]).collect();
        for i in 0..n {
            let row = &self.lu[i * n + i..(i + 1) * n];
            x[i] /= row[0];
            let (solved, rest) = x.split_at_mut(i + 1);
            rest.iter_mut().zip(&row[1..]).for_each(|(x, u)| *x -= solved[i] * u);
        }
        for i in (1..n).rev() {
            let (rest, solved) = x.split_at_mut(i);
            rest.iter_mut().zip(&self.lu[i * n..]).for_each(|(x, l)| *x -= solved[0] * l);
        }
        self.rows.iter().zip(x).for_each(|(&row, x)| b[row] = x);
    }

    /// Estimate the 1-norm of the inverse of the scaled matrix, from below and seldom by more than a factor 3, with
    /// a few solves: Algorithm 2.1 of N. J. Higham, "FORTRAN codes for estimating the one-norm of a real or complex
    /// matrix" (1988), with the vector of alternating signs that it adds at the end.
    fn inverse_norm(&self) -> f64 {
        let n = self.n;
        let norm = |x: &[f64]| x.iter().map(|x| x.abs()).sum::<f64>();
        let mut x = vec![1.0 / n as f64; n];
        self.solve_scaled(&mut x);
        let mut estimate = norm(&x);
        for _ in 0..4 {
            let mut slope: Vec<f64> = x.iter().map(|x| x.signum()).collect();
            self.solve_scaled_transposed(&mut slope);
            let steepest = (0..n).max_by(|&i, &j| slope[i].abs().total_cmp(&slope[j].abs()));
            x.fill(0.0);
            x[steepest.unwrap_or(0)] = 1.0;
            self.solve_scaled(&mut x);
            let found = norm(&x);
            if found <= estimate || found.is_nan() {
                break;
            }
            estimate = found;
        }
        let alternating = |i: usize| {
            let size = 1.0 + i as f64 / (n.max(2) - 1) as f64;
            if i.is_multiple_of(2) { size } else { -size }
        };
        let mut x: Vec<f64> = (0..n).map(alternating).collect();
        self.solve_scaled(&mut x);
        let other = 2.0 * norm(&x) / (3.0 * n as f64);
        // `max` would lose a NaN or an overflow that became one.
        if other > estimate || other.is_nan() { other } else { estimate }
    }
}

/// The largest entry of the candidate columns from row `k` down; NaN nowhere wins.
fn largest(lu: &[f64], n: usize, k: usize, columns: std::ops::Range<usize>) -> (usize, usize) {
    let (mut at, mut largest) = ((k, k), -1.0);
    for i in k..n {
        for j in columns.clone() {
            let size = lu[i * n + j].abs();
            if size > largest {
                (at, largest) = ((i, j), size);
            }
        }
    }
    at
}

/// Powers of two that bring the largest entry of each row, then of each column, near 1.
fn scales(a: &[f64], n: usize) -> (Vec<f64>, Vec<f64>) {
    let row_max = |i: usize| a[i * n..(i + 1) * n].iter().fold(0.0, |max: f64, x| max.max(x.abs()));
    let rows: Vec<f64> = (0..n).map(|i| near_inverse(row_max(i))).collect();
    let mut column_max = vec![0.0_f64; n];
    for (row, scale) in a.chunks_exact(n.max(1)).zip(&rows) {
        for (max, x) in column_max.iter_mut().zip(row) {
            *max = max.max((x * scale).abs());
        }
    }
    (rows, column_max.into_iter().map(near_inverse).collect())
}

/// The power of two near `1 / x`, as far as it is a normal number; 1 for 0.
fn near_inverse(x: f64) -> f64 {
    match x == 0.0 {
        true => 1.0,
        false => 2.0_f64.powi((-libm::ilogb(x)).clamp(-1000, 1000)),
    }
}

/// The sum of the sizes in each column.
fn column_sums(a: &[f64], n: usize) -> Vec<f64> {
    let mut sums = vec![0.0; n];
    for row in a.chunks_exact(n.max(1)) {
        sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x.abs());
    }
    sums
}

fn scale(x: &mut [f64], by: &[f64]) {
    x.iter_mut().zip(by).for_each(|(x, scale)| *x *= scale);
}

/// A dot product in four interleaved sums, which the compiler makes vector instructions of.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (a, b) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a.zip(b) {
        (0..4).for_each(|i| sums[i] += a[i] * b[i]);
    }
    (sums[0] + sums[2]) + (sums[1] + sums[3]) + rest
}
