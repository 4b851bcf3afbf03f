//! The numbers on edges: each on a ground of its own, on the page and in pictures.

use super::browser::Browser;
use super::reports::{DOSAGE, all, neutral};
use super::{Visit, browser};
use gradtape::inspect::Report;

const SCRIPT: &str = include_str!("driver/edges.js");

/// A picture in a document, so that a script can measure it.
fn framed(report: &Report) -> String {
    format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"></head><body>{}</body></html>",
        report.svg()
    )
}

/// Look at each and tell what is wrong.
#[track_caller]
fn check(browser: &'static Browser, reports: &[Report], page: fn(&Report) -> String) {
    let visits: Vec<Visit> = reports.iter().map(|r| Visit::new(&page(r), SCRIPT)).collect();
    let mut faults = Vec::new();
    for (found, report) in browser.drive(&visits).iter().zip(reports) {
        assert!(found["looked"].as_u64() > Some(1), "{}: {found}", report.title);
        let found = found["faults"].as_array().expect("a list").iter();
        faults.extend(found.map(|fault| format!("{}: {fault}", report.title)));
    }
    assert!(faults.is_empty(), "{} faults: {:#?}", faults.len(), &faults[..faults.len().min(30)]);
}

#[test]
fn no_line_and_no_text_crosses_a_number_of_the_dosage_page_at_any_step() {
    check(browser!(), std::slice::from_ref(&*DOSAGE), |report| report.html().to_string());
}

#[test]
fn no_line_and_no_text_crosses_a_number_of_a_page() {
    let reports: Vec<Report> = all().into_iter().skip(1).chain(neutral(50)).collect();
    check(browser!(), &reports, |report| report.html().to_string());
}

#[test]
fn no_line_and_no_text_crosses_a_number_of_a_picture() {
    let reports: Vec<Report> = all().into_iter().chain(neutral(150)).collect();
    check(browser!(), &reports, framed);
}
