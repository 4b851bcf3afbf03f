//! Pictures of the page, to be looked at, and the one in the README.
//!
//! ```text
//! cargo test --test page pictures -- --ignored
//! ```
//!
//! They go to the folder page in target, one for each kind of page, width and theme; the first screen of the dosage network after three
//! steps goes to `docs/pictures/`.

use super::browser;
use super::devtools::Page;
use super::reports::{PAGE, layered, odd};
use std::fs;
use std::path::Path;

#[test]
#[ignore = "it writes pictures for people"]
fn pictures_of_every_act_at_four_widths_in_both_themes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("target/page");
    fs::create_dir_all(&folder).expect("a folder for pictures");
    let pages = [
        ("dosage", PAGE.clone()),
        ("odd", odd().html().to_string()),
        ("layered", layered().html().to_string()),
    ];
    let mut page = Page::new(browser!());
    for (name, html) in &pages {
        for (width, height) in [(390, 844), (820, 1180), (1440, 900), (1920, 1080)] {
            for theme in ["light", "dark"] {
                page.size(width, height);
                page.go(html, &format!("#theme={theme}"));
                page.drawn();
                let file = folder.join(format!("{name}-{width}-{theme}.png"));
                fs::write(file, page.picture("png", true)).expect("a picture can be written");
            }
        }
    }
    page.size(1440, 900);
    page.go(&PAGE, "#theme=light&step=3");
    page.drawn();
    let picture = page.picture("webp", false);
    assert!(picture.len() <= 150_000, "{} bytes", picture.len());
    fs::write(root.join("docs/pictures/page.webp"), picture).expect("a picture can be written");
}
