//! A report shows itself in evcxr notebooks: what the call prints is what evcxr reads.

use gradtape::Tape;
use std::process::Command;

/// Set in the process that calls `evcxr_display`, whose output is looked at.
const CHILD: &str = "GRADTAPE_NOTEBOOK_CHILD";

fn display() {
    let tape = Tape::new();
    let x = tape.var(3.0).label("a \"quoted\" <b>label</b> & </iframe>");
    tape.report(x.square().label("y")).title("It's \"mine\"").evcxr_display();
}

/// Undo the escapes of an attribute, the ampersand last.
fn unescaped(text: &str) -> String {
    let escapes = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#10;", "\n")];
    let text = escapes.iter().fold(text.to_string(), |text, (code, c)| text.replace(code, c));
    text.replace("&amp;", "&")
}

#[test]
fn a_frame_has_the_height_and_the_state_that_are_asked_for() {
    let tape = Tape::new();
    let x = tape.var(3.0).label("x");
    let report = tape.report(x.square());
    let page = report.html().to_string();
    let frame = report.framed().height("20\"rem").at("#t=1&sel=\"x\"").to_string();
    assert!(frame.contains("height: 20&quot;rem; border"), "{frame:.200}");
    let (_, framed) = frame.split_once("srcdoc=\"").expect("the frame holds the page");
    let framed = unescaped(framed.strip_suffix("\"></iframe>").expect("its end"));
    let at = "<body data-at=\"t=1&amp;sel=&quot;x&quot;\">";
    assert_eq!(framed, page.replacen("<body>", at, 1));
}

#[test]
fn a_notebook_gets_the_page_in_a_frame() {
    if std::env::var_os(CHILD).is_some() {
        return display();
    }
    let this = std::env::current_exe().expect("a test knows where it is");
    let output = Command::new(this)
        .args(["--exact", "a_notebook_gets_the_page_in_a_frame", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .expect("a test can run itself");
    assert!(output.status.success());
    let printed = String::from_utf8(output.stdout).expect("the page is text");
    let (_, content) = printed.split_once("EVCXR_BEGIN_CONTENT text/html\n").expect("it begins");
    let (content, _) = content.split_once("\nEVCXR_END_CONTENT\n").expect("it ends");
    assert!(content.starts_with("<iframe title=\"It&#39;s &quot;mine&quot;\""), "{content:.80}");
    let (_, page) = content.split_once("srcdoc=\"").expect("the frame holds the page");
    let (page, end) = page.split_once('"').expect("no quote of the page ends the attribute early");
    assert_eq!(end, "></iframe>");

    let tape = Tape::new();
    let x = tape.var(3.0).label("a \"quoted\" <b>label</b> & </iframe>");
    let report = tape.report(x.square().label("y")).title("It's \"mine\"");
    assert_eq!(unescaped(page), report.html().to_string());
}
