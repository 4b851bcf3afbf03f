//! A hand: bones, and a skin of vertices that follows them.

use super::input::{Input, within_limit};
use gradtape::{Real, affine, dot, sum_squares};

/// How many numbers pose a hand: rotation (3), translation (3), four for each of five fingers.
pub const POSE: usize = 26;

/// Rotation and translation: the first three rows of a 4 × 4 matrix, whose last is (0, 0, 0, 1).
type Transform<S> = [[S; 4]; 3];

/// A hand at rest.
pub struct Hand {
    bones: Vec<Bone>,
    vertices: Vec<Vertex>,
    is_mirrored: bool,
}

struct Bone {
    parent: Option<usize>,
    relative: Transform<f64>,
    inverse_absolute: Transform<f64>,
}

/// A position, and how much it follows which bones.
struct Vertex {
    position: [f64; 4],
    weights: Vec<(usize, f64)>,
}

impl Hand {
    pub fn read(model: &Input<'_>) -> Result<Hand, String> {
        let parents = model.field("parents")?.items()?;
        let relatives = transforms(&model.field("base_relatives")?, parents.len())?;
        let inverses = transforms(&model.field("inverse_base_absolutes")?, parents.len())?;
        let mut bones = Vec::new();
        for ((parent, relative), inverse_absolute) in parents.iter().zip(relatives).zip(inverses) {
            // A parent stands before its children; -1 is none.
            let parent = match parent.number()? {
                -1.0 => None,
                _ => Some(parent.size(0..=bones.len().saturating_sub(1))?),
            };
            if parent.is_some_and(|parent| parent >= bones.len()) {
                return Err(
                    "input.data.model.parents[0] must be -1: the first bone has none before it"
                        .to_string(),
                );
            }
            bones.push(Bone { parent, relative, inverse_absolute });
        }
        let positions = model.field("base_positions")?.matrix(None, Some(4))?;
        let weights = model.field("weights")?.matrix(Some(positions.rows), Some(bones.len()))?;
        within_limit("ht: vertices × bones", &[positions.rows, bones.len(), 12])?;
        let vertices = positions.numbers.chunks_exact(4).enumerate().map(|(i, position)| {
            let weights = weights.numbers[i * bones.len()..][..bones.len()].iter().copied();
            Vertex {
                position: std::array::from_fn(|k| position[k]),
                weights: weights.enumerate().filter(|(_, weight)| *weight != 0.0).collect(),
            }
        });
        let vertices = vertices.collect();
        Ok(Hand { bones, vertices, is_mirrored: model.field("is_mirrored")?.flag()? })
    }

    /// Count the vertices.
    pub fn vertices(&self) -> usize {
        self.vertices.len()
    }

    /// Compute where all vertices are in a pose.
    pub fn posed<S: Real>(&self, pose: &[S]) -> Vec<[S; 3]> {
        let (global, fingers) = pose.split_at(6);
        let mut absolutes: Vec<Transform<S>> = Vec::new();
        for (i, bone) in self.bones.iter().enumerate() {
            let base = match bone.parent {
                None => bone.relative.map(|row| row.map(S::from)),
                Some(parent) => product(&absolutes[parent], &bone.relative),
            };
            absolutes.push(match bend(fingers, i) {
                None => base,
                Some(rotation) => product(&base, &rotation),
            });
        }
        let bones = absolutes.iter().zip(&self.bones);
        let moves: Vec<Transform<S>> =
            bones.map(|(absolute, bone)| product(absolute, &bone.inverse_absolute)).collect();
        let rotation = rotation([global[0], global[1], global[2]]);
        let vertex = |vertex: &Vertex| {
            let mut skin: [S; 3] = std::array::from_fn(|c| {
                let followed = vertex.weights.iter();
                let entries = followed.clone().flat_map(|&(bone, _)| moves[bone][c]);
                let factors = followed.flat_map(|&(_, weight)| vertex.position.map(|x| x * weight));
                dot(&entries.collect::<Vec<S>>(), &factors.collect::<Vec<f64>>())
            });
            if self.is_mirrored {
                skin[0] = -skin[0];
            }
            match rotation {
                None => std::array::from_fn(|c| skin[c] + global[3 + c]),
                Some(rotation) => std::array::from_fn(|c| affine(rotation[c], skin, global[3 + c])),
            }
        };
        self.vertices.iter().map(vertex).collect()
    }
}

fn transforms(input: &Input<'_>, bones: usize) -> Result<Vec<Transform<f64>>, String> {
    let items = input.items()?;
    if items.len() != bones {
        return Err(format!(
            "there are {} transforms for {bones} bones: give one a bone",
            items.len()
        ));
    }
    let read = |item: &Input<'_>| {
        let rows = item.matrix(Some(4), Some(4))?.numbers;
        match rows[12..] == [0.0, 0.0, 0.0, 1.0] {
            true => Ok(std::array::from_fn(|i| std::array::from_fn(|j| rows[4 * i + j]))),
            false => {
                Err(format!("the last row of a transform is {:?}: give 0, 0, 0, 1", &rows[12..]))
            }
        }
    };
    items.iter().map(read).collect()
}

/// Multiply, the second by parameters or by data.
fn product<S: Real, X: Real + Into<S>>(a: &Transform<S>, b: &Transform<X>) -> Transform<S> {
    std::array::from_fn(|i| {
        std::array::from_fn(|j| {
            let (row, column) = ([a[i][0], a[i][1], a[i][2]], [b[0][j], b[1][j], b[2][j]]);
            if j == 3 { affine(row, column, a[i][3]) } else { dot(row, column) }
        })
    })
}

/// How bone `i` is bent by the parameters of the fingers. A finger has four bones from bone 2 on: the first turns
/// about x and z, two more about x, and the tip is stiff.
fn bend<S: Real>(fingers: &[S], i: usize) -> Option<Transform<S>> {
    let (finger, joint) = (i.checked_sub(2)? / 4, (i - 2) % 4);
    let own = fingers.get(4 * finger..)?.get(..4)?;
    let (x, z) = match joint {
        0 => (own[0], Some(own[1])),
        1 | 2 => (own[joint + 1], None),
        _ => return None,
    };
    let ((sin, cos), zero, one) = (x.sin_cos(), S::from(0.0), S::from(1.0));
    let Some(z) = z else {
        return Some([[one, zero, zero, zero], [zero, cos, -sin, zero], [zero, sin, cos, zero]]);
    };
    let (s, c) = z.sin_cos();
    Some([[c, -s * cos, s * sin, zero], [s, c * cos, -c * sin, zero], [zero, sin, cos, zero]])
}

/// The rotation about the axis `r` by the angle `|r|`; none if that is below 1e-4.
fn rotation<S: Real>(r: [S; 3]) -> Option<[[S; 3]; 3]> {
    let angle = sum_squares(r).sqrt();
    if angle < 1e-4 {
        return None;
    }
    let [x, y, z] = r.map(|r| r / angle);
    let (s, c) = angle.sin_cos();
    let rest = -c + 1.0;
    Some([
        [x * x * rest + c, x * y * rest - z * s, x * z * rest + y * s],
        [x * y * rest + z * s, y * y * rest + c, y * z * rest - x * s],
        [x * z * rest - y * s, y * z * rest + x * s, z * z * rest + c],
    ])
}
