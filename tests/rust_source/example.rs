//! The text that an example and a benchmark are compiled with is the one that is written today.

use gradtape::nn::Dosage;
use gradtape::program::RustOptions;

#[test]
fn the_text_in_the_example_is_the_one_that_is_written() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/exported/dosage.rs");
    let program = Dosage::details_2().over_rows();
    let text = program.to_rust(&RustOptions::new()).expect("no custom operation");
    if std::env::var_os("GRADTAPE_BLESS").is_some() {
        std::fs::write(path, &text).expect("the example can be written");
    }
    let kept = std::fs::read_to_string(path).expect("the example is there");
    assert_eq!(kept, text, "GRADTAPE_BLESS=1 writes it anew");
}
