//! The page of findings has one heading a code.

use gradtape::inspect::Code;

#[test]
fn the_page_has_one_heading_a_code_in_their_order() {
    let page = include_str!("../../docs/findings.md");
    let headings: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(headings, codes);
}

#[test]
fn every_heading_has_an_example_that_names_its_code_and_says_what_to_try() {
    let page = include_str!("../../docs/findings.md");
    for (section, code) in page.split("\n## ").skip(1).zip(Code::ALL) {
        assert!(section.contains("```rust\n"), "{code}");
        assert!(section.contains(&format!("Code::{code:?}")), "{code}");
        assert!(section.contains("**Try:**"), "{code}");
    }
}
