//! The page of operations says what the table says.

use std::path::Path;

#[test]
fn the_page_of_operations_is_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ops.md");
    let expected = gradtape::op::markdown();
    if std::env::var_os("GRADTAPE_BLESS").is_some_and(|bless| bless == "1") {
        std::fs::write(&path, &expected).expect("docs/ops.md can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    // A checkout on Windows may have turned the line ends.
    let found = found.replace("\r\n", "\n");
    let differs = found.lines().zip(expected.lines()).find(|(a, b)| a != b);
    assert!(
        found == expected,
        "docs/ops.md is stale, first at {differs:?}: rewrite it with `GRADTAPE_BLESS=1 cargo test --test ops_page`"
    );
}

#[test]
fn every_operation_but_the_leaves_has_its_line() {
    let page = gradtape::op::markdown();
    for op in gradtape::op::Op::ALL {
        let info = op.info();
        let line = format!("| `{}` | ", info.name);
        let is_leaf = info.arity == gradtape::op::Arity::Leaf;
        assert_ne!(page.contains(&line), is_leaf, "{op:?}");
    }
    // Every line of the table has the same columns, whatever bars a rule has in it.
    let columns = |line: &str| line.replace("\\|", "").matches('|').count();
    for line in page.lines().filter(|line| line.starts_with('|')) {
        assert_eq!(columns(line), 9, "{line}");
    }
}
