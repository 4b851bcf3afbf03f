// Written by gradtape 0.1.0. 9 inputs, 1 output, in f64.
// Inputs: w1, b1, w2, b2, w3, w4, b3, dosage, efficacy

/// Compute the value.
pub fn value(shared: &[f64; 7], row: &[f64; 2]) -> f64 {
    let w1 = shared[0];
    let b1 = shared[1];
    let w2 = shared[2];
    let b2 = shared[3];
    let w3 = shared[4];
    let w4 = shared[5];
    let b3 = shared[6];
    let dosage = row[0];
    let efficacy = row[1];
    let v9 = w1 * dosage + b1;
    let v10 = softplus(v9);
    let v11 = w2 * dosage + b2;
    let v12 = softplus(v11);
    let v13 = w3 * v10 + w4 * v12 + b3;
    let v14 = efficacy - v13;
    v14 * v14
}

/// Add up the values of all rows, from the first to the last, and the derivatives by what they share.
pub fn sum_and_gradient(shared: &[f64; 7], rows: &[[f64; 2]], gradient: &mut [f64; 7]) -> f64 {
    let w1 = shared[0];
    let b1 = shared[1];
    let w2 = shared[2];
    let b2 = shared[3];
    let w3 = shared[4];
    let w4 = shared[5];
    let b3 = shared[6];
    let mut sum: f64 = 0.0;
    let mut sums = [0.0; 7];
    for row in rows {
        let dosage = row[0];
        let efficacy = row[1];
        let v9 = w1 * dosage + b1;
        let v10 = softplus(v9);
        let v11 = w2 * dosage + b2;
        let v12 = softplus(v11);
        let v13 = w3 * v10 + w4 * v12 + b3;
        let v14 = efficacy - v13;
        let v15 = v14 * v14;
        let v16 = v14 * 2.0;
        let v17 = -v16;
        let v18 = v17 * v10;
        let v19 = v17 * w3;
        let v20 = v17 * v12;
        let v21 = v17 * w4;
        let v22 = sigmoid(v11);
        let v23 = v21 * v22;
        let v24 = v23 * dosage;
        let v25 = sigmoid(v9);
        let v26 = v19 * v25;
        let v27 = v26 * dosage;
        sum += v15;
        sums[0] += v27;
        sums[1] += v26;
        sums[2] += v24;
        sums[3] += v23;
        sums[4] += v18;
        sums[5] += v20;
        sums[6] += v17;
    }
    *gradient = sums;
    sum
}

/// Compute `ln(1 + eˣ)`.
#[inline]
fn softplus(x: f64) -> f64 {
    // `max` drops a NaN, but the second summand brings it back.
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Compute the logistic function `1 / (1 + e⁻ˣ)`.
#[inline]
fn sigmoid(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    let above = if x >= 0.0 { 1.0 } else { e };
    above / (1.0 + e)
}
