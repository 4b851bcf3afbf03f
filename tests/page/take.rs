//! What is taken along: the chain rule as text and as LaTeX, the table, the drawing, a link.

use super::reports::{DOSAGE, PAGE, all};
use super::{Visit, browser};
use gradtape::inspect::Report;
use roxmltree::Document;

/// How many paths the page spells out.
const SPELLED: usize = 12;

#[test]
fn the_page_writes_the_latex_of_rust() {
    let reports = all();
    let script = "
        const found = [];
        for (const i of all('#table tr[data-id]').map(row => Number(row.dataset.id))) {
          found.push(chainLatex(i));
          // The button has the same of the node that is selected.
          if (i % 16) continue;
          chosen(i);
          one('#chain button[aria-label*=LaTeX]').click();
          if (one('#take textarea').value !== found[i]) throw new Error(`another text for node ${i}`);
          one('#take').close();
        }
        return found;";
    let visit = |report: &Report| Visit::new(&report.html().to_string(), script);
    let visits: Vec<Visit> = reports.iter().map(visit).collect();
    let mut compared = 0;
    for (found, report) in browser!().drive(&visits).iter().zip(&reports) {
        for (i, page) in found.as_array().expect("texts").iter().enumerate() {
            let rust = report.explain_node(i).paths(SPELLED).latex();
            assert_eq!(page.as_str(), Some(&*rust), "{} of {}", report.name(i), report.title);
            compared += 1;
        }
    }
    assert!(compared > 200, "{compared}");
}

#[test]
fn text_csv_drawing_and_link_can_be_taken_along() {
    let script = "
        const found = {};
        chosen(0);
        for (const [name, query] of Object.entries({
          text: '#chain button[aria-label$=text]', csv: '#table button[aria-label*=CSV]', svg: '#graph button[aria-label*=SVG]', link: '#tools button[aria-label*=link]',
        })) {
          one(query).click();
          found[name] = one('#take textarea').value;
          // What a page may not save or copy stays selected in the dialog.
          const area = one('#take textarea');
          found.selected = area.selectionEnd - area.selectionStart === area.value.length;
          one('#take button[aria-label^=Save]').click();
          one('#take').close();
          await wait(10);
        }
        found.dialogs = all('dialog').length;
        return found;";
    let found = &browser!().drive(&[Visit::new(&PAGE, script).at("#t=9")])[0];
    let text = |name: &str| found[name].as_str().expect("text");
    assert_eq!((&found["selected"], &found["dialogs"]), (&true.into(), &0.into()));
    let w1 = DOSAGE.find("w1").expect("w1");
    let chain = text("text");
    let first = "\u{2202}SSR/\u{2202}w1 = \u{2202}SSR/\u{2202}residual 0 \u{b7} ";
    assert!(chain.starts_with(first) && chain.ends_with("    = 7.33892\n"), "{chain}");
    assert_eq!(chain.lines().count(), 7, "{chain}");
    assert!(text("link").contains("#") && text("link").contains("sel=w1"), "{}", text("link"));

    // Every number of the table reads back to the bit.
    let csv: Vec<Vec<&str>> = text("csv").lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(csv.len(), 1 + DOSAGE.nodes.len());
    assert_eq!(csv[0][..5], ["node", "label", "computes", "value", "adjoint"]);
    for (row, node) in csv[1..].iter().zip(&DOSAGE.nodes) {
        let numbers = [row[3], row[4]].map(|text| text.parse::<f64>().expect("a number"));
        assert_eq!(numbers, [node.value, node.adjoint], "{row:?}");
    }
    assert_eq!(csv[1 + w1][1], "w1");

    // The drawing stands alone: no variable of the page's style is left in it, and its texts are those of the graph.
    let svg = text("svg");
    let drawing = Document::parse(svg).expect("it is XML");
    assert!(!svg.contains("var(--") && svg.contains("xmlns=\"http://www.w3.org/2000/svg\""));
    let texts: Vec<&str> =
        drawing.descendants().filter(|n| n.has_tag_name("text")).filter_map(|n| n.text()).collect();
    assert!(texts.contains(&"w1") && texts.contains(&"SSR"), "{texts:?}");
    let is_number = |text: &&&str| text.replace('\u{2212}', "-").parse::<f64>().is_ok();
    assert!(texts.iter().filter(is_number).count() > 5, "{texts:?}");
}
