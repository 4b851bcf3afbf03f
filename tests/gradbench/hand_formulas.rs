//! Hands made here, and the formulas of the suite written out with whole matrices.

use super::seed::random;
use fastrand::Rng;
use gradtape::{Dual, Real};
use serde_json::{Value, json};

pub const BONES: usize = 22;

fn rotation_about(axis: usize, angle: f64) -> [[f64; 4]; 4] {
    let (i, j) = ((axis + 1) % 3, (axis + 2) % 3);
    let mut m = [0, 1, 2, 3].map(|row| [0, 1, 2, 3].map(|column| f64::from(row == column)));
    (m[i][i], m[j][j], m[i][j], m[j][i]) = (angle.cos(), angle.cos(), -angle.sin(), angle.sin());
    m
}

/// A hand at rest, and points near it. `bones` may be fewer than the fingers have.
pub fn hand(
    rng: &mut Rng,
    bones: usize,
    points: usize,
    has_triangles: bool,
    is_mirrored: bool,
) -> Value {
    let mut within = |most: f64| (2.0 * rng.f64() - 1.0) * most;
    let mut transform = || {
        let mut m = rotation_about(0, within(1.0));
        m = product(&m, &rotation_about(2, within(1.0)));
        (0..3).for_each(|row| m[row][3] = within(1.0));
        m
    };
    let relatives: Vec<_> = (0..bones).map(|_| transform()).collect();
    let inverses: Vec<_> = (0..bones).map(|_| transform()).collect();
    let parents: Vec<i32> = (0..bones as i32)
        .map(|bone| {
            if bone < 2 {
                -1
            } else if bone % 4 == 2 {
                0
            } else {
                bone - 1
            }
        })
        .collect();
    let vertices = 3 * bones;
    let positions: Vec<[f64; 4]> =
        (0..vertices).map(|_| [within(2.0), within(2.0), within(2.0), 1.0]).collect();
    let weights: Vec<Vec<f64>> = (0..vertices)
        .map(|v| {
            (0..bones).map(|b| if (v + b) % 3 == 0 { 0.0 } else { within(1.0).abs() }).collect()
        })
        .collect();
    let theta: Vec<f64> = (0..26).map(|_| within(0.8)).collect();
    let places: Vec<[f64; 2]> =
        (0..points).map(|_| [within(0.5).abs(), within(0.5).abs()]).collect();
    let seen: Vec<[f64; 3]> =
        (0..points).map(|_| [within(2.0), within(2.0), within(2.0)]).collect();
    let triangles: Vec<[usize; 3]> =
        (0..vertices).map(|_| [0; 3].map(|_| rng.usize(..vertices))).collect();
    let chosen: Vec<usize> = (0..points).map(|_| rng.usize(..vertices)).collect();
    json!({
        "theta": theta,
        "us": if has_triangles { json!(places) } else { json!([]) },
        "data": {
            "correspondences": chosen,
            "points": seen,
            "model": {
                "bone_count": bones,
                "bone_names": (0..bones).map(|bone| format!("bone{bone}")).collect::<Vec<_>>(),
                "parents": parents,
                "base_relatives": relatives,
                "inverse_base_absolutes": inverses,
                "base_positions": positions,
                "weights": weights,
                "triangles": triangles,
                "is_mirrored": is_mirrored,
            },
        },
    })
}

/// A good small input.
pub fn small() -> Value {
    hand(&mut random(1), 4, 2, false, false)
}

fn product<S: Real>(a: &[[S; 4]; 4], b: &[[S; 4]; 4]) -> [[S; 4]; 4] {
    [0, 1, 2, 3].map(|i| {
        [0, 1, 2, 3]
            .map(|j| a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j] + a[i][3] * b[3][j])
    })
}

fn matrix<S: Real>(rows: &Value) -> [[S; 4]; 4] {
    [0, 1, 2, 3].map(|i| [0, 1, 2, 3].map(|j| S::from(rows[i][j].as_f64().expect("a number"))))
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn index(value: &Value) -> usize {
    value.as_u64().expect("an index") as usize
}

/// The errors, by the formulas of the suite: all matrices are whole, and all bones are added up.
pub fn reference<S: Real>(input: &Value, theta: &[S], places: &[S]) -> Vec<S> {
    let model = &input["data"]["model"];
    let bones = model["parents"].as_array().expect("a list").len();
    let zero = S::from(0.0);
    // Columns of parameters: rotation, scale, translation, then one a bone.
    let mut pose = vec![[zero; 3]; bones.max(22) + 3];
    let mut next = 6;
    for finger in 0..5 {
        for joint in 0..3 {
            let column = &mut pose[5 + 4 * finger + joint];
            column[0] = theta[next];
            next += 1;
            if joint == 0 {
                column[1] = theta[next];
                next += 1;
            }
        }
    }
    let mut absolutes: Vec<[[S; 4]; 4]> = Vec::new();
    let mut moves = Vec::new();
    for bone in 0..bones {
        let [tx, tz, ty] = pose[bone + 3];
        let one = S::from(1.0);
        let rx = [
            [one, zero, zero, zero],
            [zero, tx.cos(), -tx.sin(), zero],
            [zero, tx.sin(), tx.cos(), zero],
            [zero, zero, zero, one],
        ];
        let ry = [
            [ty.cos(), zero, ty.sin(), zero],
            [zero, one, zero, zero],
            [-ty.sin(), zero, ty.cos(), zero],
            [zero, zero, zero, one],
        ];
        let rz = [
            [tz.cos(), -tz.sin(), zero, zero],
            [tz.sin(), tz.cos(), zero, zero],
            [zero, zero, one, zero],
            [zero, zero, zero, one],
        ];
        let turned = product(&product(&rz, &ry), &rx);
        let relative = product(&matrix(&model["base_relatives"][bone]), &turned);
        let absolute = match model["parents"][bone].as_i64() {
            Some(-1) => relative,
            parent => product(&absolutes[parent.expect("an index") as usize], &relative),
        };
        moves.push(product(&absolute, &matrix(&model["inverse_base_absolutes"][bone])));
        absolutes.push(absolute);
    }
    let angle = (theta[0] * theta[0] + theta[1] * theta[1] + theta[2] * theta[2]).sqrt();
    let mut turn = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]].map(|row| row.map(S::from));
    if angle.value() >= 1e-4 {
        let n = [theta[0] / angle, theta[1] / angle, theta[2] / angle];
        let across = [[zero, -n[2], n[1]], [n[2], zero, -n[0]], [-n[1], n[0], zero]];
        for i in 0..3 {
            for j in 0..3 {
                let square = across[i][0] * across[0][j]
                    + across[i][1] * across[1][j]
                    + across[i][2] * across[2][j];
                turn[i][j] =
                    turn[i][j] + across[i][j] * angle.sin() + square * (-angle.cos() + 1.0);
            }
        }
    }
    let vertex = |v: usize| {
        let mut sum = [zero; 3];
        for bone in 0..bones {
            for (c, sum) in sum.iter_mut().enumerate() {
                let at = (0..4).fold(zero, |at, k| {
                    at + moves[bone][c][k] * number(&model["base_positions"][v][k])
                });
                *sum += at * number(&model["weights"][v][bone]);
            }
        }
        if model["is_mirrored"] == true {
            sum[0] = -sum[0];
        }
        [0, 1, 2]
            .map(|c| turn[c][0] * sum[0] + turn[c][1] * sum[1] + turn[c][2] * sum[2] + theta[3 + c])
    };
    let mut errors = Vec::new();
    for (i, point) in input["data"]["points"].as_array().expect("a list").iter().enumerate() {
        let chosen = index(&input["data"]["correspondences"][i]);
        let on = if places.is_empty() {
            vertex(chosen)
        } else {
            let (u, v) = (places[2 * i], places[2 * i + 1]);
            let [a, b, c] = [0, 1, 2].map(|k| vertex(index(&model["triangles"][chosen][k])));
            [0, 1, 2].map(|k| u * a[k] + v * b[k] + (-u - v + 1.0) * c[k])
        };
        errors.extend([0, 1, 2].map(|c| -on[c] + number(&point[c])));
    }
    errors
}

pub fn parameters(input: &Value) -> (Vec<f64>, Vec<f64>) {
    (super::numbers(&input["theta"]), super::numbers(&input["us"]))
}

/// The Jacobian by columns, each made by `column`: of a place, the same one of every triangle at once.
fn jacobian(input: &Value, column: impl Fn(&[f64], &[f64]) -> Vec<f64>) -> Value {
    let (theta, places) = parameters(input);
    let mut columns = Vec::new();
    let (still, unmoved) = (vec![0.0; 26], vec![0.0; places.len()]);
    for which in 0..if places.is_empty() { 0 } else { 2 } {
        let moved: Vec<f64> = (0..places.len()).map(|i| f64::from(i % 2 == which)).collect();
        columns.push(column(&still, &moved));
    }
    for parameter in 0..theta.len() {
        let moved: Vec<f64> = (0..26).map(|i| f64::from(i == parameter)).collect();
        columns.push(column(&moved, &unmoved));
    }
    let row = |i: usize| columns.iter().map(|column| column[i]).collect::<Vec<f64>>();
    json!((0..columns[0].len()).map(row).collect::<Vec<_>>())
}

pub fn by_duals(input: &Value) -> Value {
    let (theta, places) = parameters(input);
    let moving = |x: &[f64], by: &[f64]| -> Vec<Dual> {
        x.iter().zip(by).map(|(&x, &by)| Dual::new(x, by)).collect()
    };
    jacobian(input, |theta_by, places_by| {
        let errors = reference(input, &moving(&theta, theta_by), &moving(&places, places_by));
        errors.iter().map(|error| error.tangent()).collect()
    })
}

pub fn by_differences(input: &Value) -> Value {
    let (theta, places) = parameters(input);
    let moved = |x: &[f64], by: &[f64], h: f64| -> Vec<f64> {
        x.iter().zip(by).map(|(x, by)| x + by * h).collect()
    };
    jacobian(input, |theta_by, places_by| {
        let at =
            |h: f64| reference(input, &moved(&theta, theta_by, h), &moved(&places, places_by, h));
        let h = 1e-5;
        at(h).iter().zip(at(-h)).map(|(up, down)| (up - down) / (2.0 * h)).collect()
    })
}
