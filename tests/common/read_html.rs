//! A reader of the data in the page of a report, by `serde_json` alone.

#![allow(dead_code, reason = "each test uses its part")]

use super::read_json::{index, number};
use super::shown::Shown;
use gradtape::Reach;
use serde_json::Value;

/// The data of a page: it is one line.
#[track_caller]
pub fn data(page: &str) -> Value {
    let line = page.lines().find(|line| line.contains("\"partials\":")).expect("a line of data");
    let (start, end) = (line.find('{').expect("an object"), line.rfind('}').expect("its end"));
    serde_json::from_str(&line[start..=end]).expect("it is JSON")
}

/// The nodes of a page, which has them in columns.
#[track_caller]
pub fn read(page: &str) -> Vec<Shown> {
    let data = data(page);
    let column = |name: &str| data[name].as_array().expect("a column");
    let reach = data["reach"].as_str().expect("letters");
    let count = column("value").len();
    for length in [column("adjoint").len(), column("operands").len(), column("partials").len()] {
        assert_eq!(length, count, "columns are equally long");
    }
    assert_eq!(reach.len(), count);
    let node = |(i, letter): (usize, char)| {
        let pairs = |name: &str| column(name)[i].as_array().expect("a list");
        let (operands, partials) = (pairs("operands"), pairs("partials"));
        assert_eq!(operands.len(), partials.len(), "one partial an operand");
        Shown {
            index: i,
            label: data["label"][i.to_string()].as_str().map(str::to_string),
            value: number(&column("value")[i]),
            adjoint: number(&column("adjoint")[i]),
            reach: match letter {
                'c' => Reach::Connected,
                'b' => Reach::Blocked,
                'n' => Reach::NotConnected,
                other => panic!("{other} is no reach"),
            },
            operands: operands.iter().map(index).zip(partials.iter().map(number)).collect(),
        }
    };
    reach.chars().enumerate().map(node).collect()
}
