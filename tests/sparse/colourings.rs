//! Colourings, checked entry by entry against what they are for.

use super::generators::{pattern, symmetric};
use super::property::seed::{random, seeds};
use gradtape::sparse::{Colouring, ColouringKind, Pattern, Seed};

/// Each entry is alone in the seed that it is read from.
#[track_caller]
fn every_entry_is_alone(pattern: &Pattern, colouring: &Colouring) {
    let by_columns = pattern.transposed();
    for row in 0..pattern.rows() {
        for &column in pattern.row(row) {
            let others = match colouring.seed(row, column) {
                Some(Seed::Column(colour)) => {
                    assert_eq!(colouring.column(column), Some(colour));
                    let columns = pattern.row(row).iter();
                    columns.filter(|&&other| colouring.column(other) == Some(colour)).count()
                }
                Some(Seed::Row(colour)) => {
                    assert_eq!(colouring.row(row), Some(colour));
                    let rows = by_columns.row(column).iter();
                    rows.filter(|&&other| colouring.row(other) == Some(colour)).count()
                }
                None => panic!("({row}, {column}) is never read\n{pattern}"),
            };
            assert_eq!(others, 1, "({row}, {column}) is read with others\n{pattern}{colouring:?}");
        }
    }
    let colours = |count: usize, of: &dyn Fn(usize) -> Option<usize>| {
        (0..count).filter_map(of).max().map_or(0, |most| most + 1)
    };
    let (columns, rows) = (pattern.columns(), pattern.rows());
    assert_eq!(colouring.columns(), colours(columns, &|column| colouring.column(column)));
    assert_eq!(colouring.rows(), colours(rows, &|row| colouring.row(row)));
    assert_eq!(colouring.count(), colouring.columns() + colouring.rows());
}

/// The edges of a symmetric pattern.
fn edges(pattern: &Pattern) -> Vec<[usize; 2]> {
    let row = |i: usize| pattern.row(i).iter().filter(move |&&j| j > i).map(move |&j| [i, j]);
    (0..pattern.rows()).flat_map(row).collect()
}

#[track_caller]
fn neighbours_differ(pattern: &Pattern, colouring: &Colouring) {
    for [i, j] in edges(pattern) {
        assert!(colouring.column(i).is_some() && colouring.column(j).is_some());
        assert_ne!(colouring.column(i), colouring.column(j), "{i} and {j}\n{pattern}");
    }
    for i in 0..pattern.rows() {
        // Its diagonal entry may be the only one.
        assert_eq!(colouring.column(i).is_some(), !pattern.row(i).is_empty());
    }
}

#[track_caller]
fn paths_of_four_have_three_colours(pattern: &Pattern, colouring: &Colouring) {
    let around = |i: usize| pattern.row(i).iter().copied().filter(move |&j| j != i);
    let colour = |i: usize| colouring.column(i);
    for [b, c] in edges(pattern) {
        for a in around(b).filter(|&a| a != c) {
            for d in around(c).filter(|&d| d != b && d != a) {
                let two = colour(a) == colour(c) && colour(b) == colour(d);
                assert!(!two, "the path {a} {b} {c} {d} has two colours\n{pattern}");
            }
        }
    }
}

#[track_caller]
fn no_cycle_has_two_colours(pattern: &Pattern, colouring: &Colouring) {
    let colours = colouring.count();
    for first in 0..colours {
        for second in first + 1..colours {
            // A walk over the vertices of both colours that comes back to one would be a cycle.
            let mut from: Vec<Option<usize>> = vec![None; pattern.rows()];
            let is_of = |i: usize| [Some(first), Some(second)].contains(&colouring.column(i));
            for start in (0..pattern.rows()).filter(|&i| is_of(i)) {
                if from[start].is_some() {
                    continue;
                }
                from[start] = Some(start);
                let mut stack = vec![start];
                while let Some(i) = stack.pop() {
                    for &j in pattern.row(i).iter().filter(|&&j| j != i && is_of(j)) {
                        if from[i] == Some(j) {
                            continue;
                        }
                        assert!(from[j].is_none(), "a cycle of two colours at {j}\n{pattern}");
                        from[j] = Some(i);
                        stack.push(j);
                    }
                }
            }
        }
    }
}

#[test]
fn every_entry_of_a_random_pattern_can_be_read_alone() {
    for seed in seeds(300) {
        let mut rng = random(seed);
        let (rows, columns) = (rng.usize(0..40), rng.usize(0..40));
        let pattern = pattern(&mut rng, rows, columns);
        let all = [
            Colouring::of_columns(&pattern),
            Colouring::of_rows(&pattern),
            Colouring::of_both(&pattern),
            Colouring::best(&pattern),
            Colouring::dense(&pattern),
        ];
        all.iter().for_each(|colouring| every_entry_is_alone(&pattern, colouring));
        let [of_columns, of_rows, both, best, dense] = &all;
        // The best is no worse than any other.
        for other in [of_columns, of_rows, both, dense] {
            assert!(best.sweeps() <= other.sweeps(), "{best} and {other}\n{pattern}");
        }
    }
}

#[test]
fn star_and_acyclic_colourings_of_random_graphs_are_what_they_say() {
    let (mut stars, mut trees) = (0, 0);
    for seed in seeds(300) {
        let mut rng = random(seed);
        let size = rng.usize(0..40);
        let pattern = symmetric(&mut rng, size);
        let star = Colouring::star(&pattern).unwrap();
        neighbours_differ(&pattern, &star);
        paths_of_four_have_three_colours(&pattern, &star);
        let acyclic = Colouring::acyclic(&pattern).unwrap();
        neighbours_differ(&pattern, &acyclic);
        no_cycle_has_two_colours(&pattern, &acyclic);
        stars += star.count();
        trees += acyclic.count();
    }
    assert!(10 * trees < 9 * stars, "acyclic colourings have fewer colours: {trees}, {stars}");
}

/// A band of `size` rows with `reach` neighbours on either side.
fn band(size: usize, reach: usize) -> Pattern {
    let row = |i: usize| i.saturating_sub(reach)..(i + reach + 1).min(size);
    let entries = (0..size).flat_map(|i| row(i).map(move |j| (i, j)));
    Pattern::from_entries(size, size, entries).unwrap()
}

fn arrow(size: usize) -> Pattern {
    Pattern::from_entries(size, size, (0..size).flat_map(|i| [(0, i), (i, 0), (i, i)])).unwrap()
}

#[test]
fn a_band_has_as_many_colours_as_it_is_wide() {
    for (size, reach) in [(100_000, 2), (1_000, 0), (1_000, 40)] {
        let band = band(size, reach);
        for colouring in [Colouring::of_columns(&band), Colouring::of_rows(&band)] {
            assert_eq!(colouring.count(), 2 * reach + 1);
        }
        assert_eq!(Colouring::best(&band).count(), 2 * reach + 1);
        assert!(Colouring::star(&band).unwrap().count() <= 2 * reach + 1);
    }
    // A path: three colours by stars, two without cycles.
    let path = band(1_000, 1);
    assert_eq!(Colouring::star(&path).unwrap().count(), 3);
    assert_eq!(Colouring::acyclic(&path).unwrap().count(), 2);
}

#[test]
fn an_arrow_of_a_hundred_thousand_has_two_or_three_colours() {
    // Quadratic work would be 10¹⁰ steps.
    let arrow = arrow(100_000);
    let both = Colouring::best(&arrow);
    assert_eq!((both.kind(), both.count(), both.sweeps()), (ColouringKind::Both, 3, 2));
    assert_eq!(Colouring::star(&arrow).unwrap().count(), 2);
    assert_eq!(Colouring::acyclic(&arrow).unwrap().count(), 2);
}

#[test]
fn ten_dense_rows_among_a_hundred_thousand_take_colours_of_their_own() {
    let size = 100_000;
    let dense = (0..10).flat_map(|k| (0..size).map(move |j| (9_000 * k, j)));
    let near = |i: usize| (i.saturating_sub(1)..(i + 2).min(size)).map(move |j| (i, j));
    let entries = || dense.clone().chain((0..size).flat_map(near));
    let rows = Pattern::from_entries(size, size, entries()).unwrap();
    // Thirteen colours of rows find all: a sweep backwards has nothing against dense rows.
    let best = Colouring::best(&rows);
    assert_eq!((best.kind(), best.count(), best.sweeps()), (ColouringKind::Rows, 13, 2));
    let best = Colouring::best(&rows.transposed());
    assert_eq!((best.kind(), best.count(), best.sweeps()), (ColouringKind::Columns, 13, 2));
    // With a dense column too, both are coloured.
    let entries = entries().chain((0..size).map(|i| (i, 5)));
    let cross = Pattern::from_entries(size, size, entries).unwrap();
    for pattern in [&cross, &cross.transposed()] {
        let best = Colouring::best(pattern);
        assert_eq!((best.kind(), best.count(), best.sweeps()), (ColouringKind::Both, 14, 3));
    }
    // Eight of each, and a diagonal: one colour more than either.
    let lines = (0..8).flat_map(|k| (0..1_000).flat_map(move |j| [(k, j), (j, k), (j, j)]));
    let best = Colouring::best(&Pattern::from_entries(1_000, 1_000, lines).unwrap());
    assert_eq!((best.kind(), best.count(), best.sweeps()), (ColouringKind::Both, 17, 3));
}

#[test]
fn orders_find_what_the_natural_one_misses() {
    // The crown: greedy needs n/2 colours if opposite vertices follow each other, two are enough.
    let half = 20;
    let pairs = (0..half).flat_map(|i| (0..half).filter(move |&j| j != i).map(move |j| (i, j)));
    let edges: Vec<[usize; 2]> = pairs.map(|(i, j)| [2 * i, 2 * j + 1]).collect();
    let rows = edges.iter().enumerate().flat_map(|(row, edge)| edge.map(|column| (row, column)));
    let pattern = Pattern::from_entries(edges.len(), 2 * half, rows).unwrap();
    let count = Colouring::of_columns(&pattern).count();
    assert!(count < half, "{count}");
    // A wheel whose hub comes last: with its degree it comes first.
    let spokes = (0..50).flat_map(|i| [(i, (i + 1) % 50), ((i + 1) % 50, i), (i, 50), (50, i)]);
    let wheel = Pattern::from_entries(51, 51, spokes).unwrap();
    assert!(Colouring::star(&wheel).unwrap().count() <= 5);
}

#[test]
fn blocks_with_a_dense_row_each_share_one_colour_of_rows() {
    // Forty blocks of twenty columns: a dense row each, and a diagonal.
    let block = |b: usize| {
        let columns = 20 * b..20 * b + 20;
        columns.enumerate().flat_map(move |(k, j)| [(21 * b, j), (21 * b + 1 + k, j)])
    };
    let pattern = Pattern::from_entries(40 * 21, 800, (0..40).flat_map(block)).unwrap();
    let best = Colouring::best(&pattern);
    assert_eq!((best.kind(), best.count()), (ColouringKind::Rows, 2));
    let both = Colouring::of_both(&pattern);
    assert_eq!((both.columns() + both.rows(), both.sweeps()), (2, 1));
}

#[test]
fn small_and_full_matrices_are_dense_and_say_so() {
    let full = |rows: usize, columns: usize| {
        let entries = (0..rows).flat_map(|i| (0..columns).map(move |j| (i, j)));
        Colouring::best(&Pattern::from_entries(rows, columns, entries).unwrap())
    };
    let wide = full(12, 30);
    assert_eq!((wide.kind(), wide.rows(), wide.columns()), (ColouringKind::Dense, 12, 0));
    assert_eq!(wide.to_string(), "each of 12 rows by itself");
    let tall = full(30, 12);
    assert_eq!((tall.rows(), tall.columns(), tall.sweeps()), (0, 12, 2));
    assert_eq!(tall.to_string(), "each of 12 columns by itself");
    // A diagonal of eight takes one sweep either way, one of nine does not.
    assert_eq!(Colouring::best(&band(8, 0)).kind(), ColouringKind::Dense);
    assert_eq!(Colouring::best(&band(9, 0)).to_string(), "1 colour of columns");
    for (rows, columns) in [(0, 0), (0, 5), (5, 0)] {
        let empty = full(rows, columns);
        assert_eq!((empty.count(), empty.sweeps()), (0, 0), "{empty}");
    }
}
