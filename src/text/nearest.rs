//! [`nearest`]: the name that was meant.

/// Find the name that is most like another one, if it is like it at all: about a third of its characters differ, or fewer.
pub(crate) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    let at_most = (length + 1) / 3;
    // A file may have a million columns; what is much longer or shorter is not compared.
    let near = names.filter(|other| other.chars().count().abs_diff(length) <= at_most);
    let near = near.map(|other| (distance(name, other), other));
    near.filter(|&(distance, _)| distance <= at_most)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, other)| other)
}

/// How many characters to insert, delete, replace or swap with their neighbour turn one name into the other. Case
/// counts for nothing. The restricted edit distance of F. J. Damerau (1964), by rows of its table.
fn distance(a: &str, b: &str) -> usize {
    let [a, b] = [a, b].map(|name| name.to_lowercase().chars().collect::<Vec<_>>());
    let mut rows = [vec![0; b.len() + 1], (0..=b.len()).collect::<Vec<_>>(), vec![0; b.len() + 1]];
    for i in 1..=a.len() {
        let [before, last, now] = &mut rows;
        now[0] = i;
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            now[j] = replaced.min(last[j] + 1).min(now[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                now[j] = now[j].min(before[j - 2] + 1);
            }
        }
        rows.rotate_left(1);
    }
    rows[1][b.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn the_distance_counts_what_must_be_typed() {
        for (a, b, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("softplus", "softplus", 0),
            ("softplus", "sotfplus", 1),
            ("Dose", "dose", 0),
            ("kitten", "sitting", 3),
            ("größe", "grosse", 3),
        ] {
            assert_eq!((distance(a, b), distance(b, a)), (expected, expected), "{a} {b}");
        }
    }

    #[test]
    fn a_name_that_is_like_none_has_no_nearest() {
        let names = ["dose", "efficacy"];
        assert_eq!(nearest("dsoe", names.into_iter()), Some("dose"));
        assert_eq!(nearest("eficacy", names.into_iter()), Some("efficacy"));
        assert_eq!(nearest("weight", names.into_iter()), None);
        assert_eq!(nearest("x", ["y"].into_iter()), None);
        assert_eq!(nearest("X", ["x"].into_iter()), Some("x"));
    }
}
