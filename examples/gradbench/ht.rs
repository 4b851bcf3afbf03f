//! `ht`: hand tracking. Points that were measured shall lie on a posed hand: at vertices, or inside triangles at places
//! that are parameters too.

use super::hand::{Hand, POSE};
use super::input::{Input, within_limit};
use super::matrices::{tangents, values};
use super::modes::Mode;
use super::objective::Outputs;
use super::task::{Module, Task, nested};
use gradtape::{Real, dot};

pub const MODULE: Module = Module {
    name: "ht",
    functions: &[
        ("objective", Mode::Program, |input| {
            let (ht, x) = read(input)?;
            Task::list(values(ht, x))
        }),
        ("jacobian", Mode::Program, |input| {
            let (ht, x) = read(input)?;
            let (directions, outputs) = (ht.directions(x.len()), 3 * ht.points.len());
            let columns = directions.len() / x.len();
            // Forward mode gives columns, and rows are asked for.
            let present = move |numbers: &[f64]| {
                let entry = |i: usize| numbers[i % columns * outputs + i / columns];
                nested(&(0..outputs * columns).map(entry).collect::<Vec<f64>>(), columns)
            };
            Ok(Task { prepare: tangents(ht, x, directions), present: Box::new(present) })
        }),
    ],
};

/// The measured points, and what each shall lie on. Parameters are two places for each triangle, then the pose.
struct HandTracking {
    hand: Hand,
    points: Vec<[f64; 3]>,
    on: On,
}

enum On {
    Vertices(Vec<usize>),
    Triangles(Vec<[usize; 3]>),
}

fn read(input: &Input<'_>) -> Result<(HandTracking, Vec<f64>), String> {
    let pose = input.field("theta")?.numbers(Some(POSE))?;
    let (data, us) = (input.field("data")?, input.field("us")?);
    let model = data.field("model")?;
    let hand = Hand::read(&model)?;
    let points = data.field("points")?.matrix(None, Some(3))?;
    let chosen = data.field("correspondences")?;
    if chosen.items()?.len() != points.rows {
        return Err(format!(
            "input.data.correspondences: give as many as there are points, {}",
            points.rows
        ));
    }
    within_limit("ht: points × parameters", &[points.rows, points.rows.max(1), 28 * 2])?;
    let (on, places) = if us.items()?.is_empty() {
        (On::Vertices(chosen.indices(hand.vertices())?), Vec::new())
    } else {
        let places = us.matrix(Some(points.rows), Some(2))?.numbers;
        let triangles = model.field("triangles")?.items()?;
        let mut corners = Vec::new();
        for triangle in chosen.indices(triangles.len())? {
            let vertices = triangles[triangle].indices(hand.vertices())?;
            corners.push(vertices.try_into().map_err(|_| {
                format!("input.data.model.triangles[{triangle}]: give three vertices")
            })?);
        }
        (On::Triangles(corners), places)
    };
    let points = points.numbers.chunks_exact(3).map(|p| [p[0], p[1], p[2]]).collect();
    Ok((HandTracking { hand, points, on }, [places, pose].concat()))
}

impl HandTracking {
    /// The directions that make the columns: the first place of every triangle at once, for an error depends on its
    /// own alone; then the second; then each parameter of the pose.
    fn directions(&self, inputs: usize) -> Vec<f64> {
        let places = inputs - POSE;
        let columns = if places > 0 { 2 } else { 0 };
        let moves = |column: usize, input: usize| match input < places {
            true => column == input % 2 && column < columns,
            false => column == columns + input - places,
        };
        let all = |column| (0..inputs).map(move |input| f64::from(moves(column, input)));
        (0..columns + POSE).flat_map(all).collect()
    }
}

impl Outputs for HandTracking {
    fn values<S: Real>(&self, x: &[S]) -> Vec<S> {
        let (places, pose) = x.split_at(x.len() - POSE);
        let vertices = self.hand.posed(pose);
        let lies_on = |i: usize| match &self.on {
            On::Vertices(chosen) => vertices[chosen[i]],
            On::Triangles(corners) => {
                let (u, v) = (places[2 * i], places[2 * i + 1]);
                let corners = corners[i].map(|corner| vertices[corner]);
                std::array::from_fn(|c| dot([u, v, -u - v + 1.0], corners.map(|corner| corner[c])))
            }
        };
        let points = self.points.iter().enumerate();
        points
            .flat_map(|(i, point)| {
                let on = lies_on(i);
                std::array::from_fn::<S, 3, _>(|c| -on[c] + point[c])
            })
            .collect()
    }
}
