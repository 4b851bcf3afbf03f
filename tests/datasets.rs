//! Tables from files and what becomes of them: every kind of file that people have, and every message they get.
#![cfg(feature = "csv")]

#[path = "common/property.rs"]
mod property;

use gradtape::data::{Code, Coder, Column, Csv, DataError, Dataset, Samples};
use property::config;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn parse(text: &str) -> Result<Dataset, DataError> {
    Csv::new().parse(text.as_bytes(), "f.csv")
}

fn message(text: &str) -> String {
    parse(text).expect_err(text).to_string()
}

#[test]
fn files_of_every_dialect_hold_the_same_table() {
    let texts = [
        "dose,group\n0.5,a\n1,b\n",
        "dose;group\n0.5;a\n1;b\n",
        "dose\tgroup\n0.5\ta\n1\tb",
        "dose|group\r\n0.5|a\r\n1|b\r\n",
        "\u{feff}dose,group\n0.5,a\n1,b\n",
        "\n\ndose,group\n\n0.5,a\n1,b\n\n",
        " dose , group \n 0.5 , a\n1, b \n",
        "\"dose\",\"group\"\n\"0.5\",\"a\"\n\"1\",\"b\"\n",
    ];
    for text in texts {
        let data = parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(data.names().collect::<Vec<_>>(), ["dose", "group"], "{text:?}");
        assert_eq!(data.numbers("dose"), Ok(&[0.5, 1.0][..]), "{text:?}");
        let group = data.column("group").unwrap();
        assert_eq!([group.word(0), group.word(1)], [Some("a"), Some("b")], "{text:?}");
    }
    let comma = Csv::new().decimal_comma().parse(b"dose;group\n0,5;a\n1;b\n", "f.csv").unwrap();
    assert_eq!(comma.numbers("dose"), Ok(&[0.5, 1.0][..]));
    let colon = Csv::new().delimiter(':').parse(b"dose:group\n0.5:a\n1:b\n", "f.csv").unwrap();
    assert_eq!(colon.numbers("dose"), Ok(&[0.5, 1.0][..]));
    let bare = Csv::new().header(false).parse(b"0.5,a\n1,b\n", "f.csv").unwrap();
    assert_eq!(bare.names().collect::<Vec<_>>(), ["c1", "c2"]);
    assert_eq!(bare.numbers("c1"), Ok(&[0.5, 1.0][..]));
    assert_eq!(bare.column("c2").unwrap().word(0), Some("a"));
    // Years as names, which look like data.
    let years = Csv::new().header(true).parse(b"2019,2020\n0.5,1\n", "f.csv").unwrap();
    assert_eq!(years.numbers("2020"), Ok(&[1.0][..]));
}

#[test]
fn quotes_hold_delimiters_line_breaks_and_quotes() {
    let data = parse("name,x\n\"a, b\",1\n\"two\nlines\",2\n\"5\"\" pipe\",3\n").unwrap();
    let names = data.column("name").unwrap();
    let words: Vec<_> = (0..3).map(|row| names.word(row).unwrap()).collect();
    assert_eq!(words, ["a, b", "two\nlines", "5\" pipe"]);
    // A row says on which line of the file it begins, whatever stands before it.
    assert_eq!([0, 1, 2].map(|row| data.line(row)), [2, 3, 5]);
    // A quote inside of a value that is not quoted is that character.
    let inches = parse("name,x\n5\" pipe,1\n").unwrap();
    assert_eq!(inches.column("name").unwrap().word(0), Some("5\" pipe"));
}

#[test]
fn a_column_is_of_words_if_a_single_cell_is_one() {
    let data = parse("a,b,c\n1,NA,x\n2,,1.50\n03,?,NaN\n").unwrap();
    assert_eq!(data.numbers("a"), Ok(&[1.0, 2.0, 3.0][..]));
    assert!(data.numbers("b").unwrap().iter().all(|x| x.is_nan()));
    // The texts stay what they were, also of numbers.
    let c = data.column("c").unwrap();
    assert_eq!([c.word(0), c.word(1), c.word(2)], [Some("x"), Some("1.50"), None]);
    let typo = parse("x\n1\n2\n3.o\n").unwrap();
    assert_eq!(
        typo.numbers("x").unwrap_err().to_string(),
        "f.csv, line 4, column `x`: `3.o` is no number, while all cells before it are: correct it, or leave the cell \
         empty"
    );
    let words = parse("x\nred\n2\n").unwrap();
    assert_eq!(
        words.numbers("x").unwrap_err().to_string(),
        "f.csv, line 2, column `x`: `red` is no number, so this is a column of words"
    );
}

#[test]
fn what_is_no_table_is_refused_with_its_place_and_what_to_do() {
    let ragged = |line, values, columns| {
        format!(
            "f.csv, line {line}: there {values} here, and there are {columns}: is a delimiter or a quote missing or \
             too many?"
        )
    };
    for (text, expected) in [
        ("", "f.csv: the file is empty: give a line of names and then the rows".into()),
        (" \r\n\n", "f.csv: the file is empty: give a line of names and then the rows".into()),
        ("\u{feff}", "f.csv: the file is empty: give a line of names and then the rows".into()),
        ("a,b\n", "f.csv: there are names and no rows below them: give at least one".into()),
        ("a,b\n1,2\n3\n", ragged(3, "is 1 value", "2 columns")),
        ("a,b\n1,2\n\n3,4,5\n", ragged(4, "are 3 values", "2 columns")),
        ("x,y,x\n1,2,3\n", "f.csv, line 1, column `x`: columns 1 and 3 have this name: give each its own".into()),
        ("x\n1e999\n", "f.csv, line 2, column `x`: `1e999` is too large: the largest number is about 1.8e308".into()),
        ("x\n-1e400\n", "f.csv, line 2, column `x`: `-1e400` is too large: the largest number is about 1.8e308".into()),
        ("1,2\n3,4\n", "f.csv, line 1: the first line holds numbers where the names of the columns should be: add a \
                        line of names, or say that there is none (`Csv::header(false)`, `--no-header`)".into()),
        ("x,y\n1,\"2\n3,4\n5,6\n", "f.csv, line 2: a quote that begins in this row is not closed before the file ends".into()),
    ] {
        assert_eq!(message(text), expected, "{text:?}");
    }
    let of_bytes =
        |bytes: &[u8]| Csv::new().parse(bytes, "f.csv").expect_err("no table").to_string();
    assert_eq!(
        of_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        "f.csv: this is a binary file and no table: byte 9 is 0"
    );
    assert_eq!(of_bytes(b"\xff\xfex\0\n\0"), "f.csv: this is a text in UTF-16: save it as UTF-8");
    assert_eq!(
        of_bytes(b"name,x\nJos\xe9,1\n"),
        "f.csv, line 2, column `name`: the byte 0xe9 is no UTF-8: save the file as UTF-8"
    );
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let folder = std::env::temp_dir();
    let error = Dataset::from_csv(&folder).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("{}: this is a folder: name a file in it", folder.display())
    );
    let missing = folder.join("gradtape has no such file.csv");
    let error = Dataset::from_csv(&missing).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}: cannot be read: ", missing.display())), "{error}");
}

#[test]
fn a_million_columns_are_a_table() {
    let count = 1_000_000;
    let names: Vec<String> = (0..count).map(|i| format!("x{i}")).collect();
    let row = vec!["1"; count].join(",");
    let data = parse(&format!("{}\n{row}\n", names.join(","))).unwrap();
    assert_eq!(data.numbers("x999999"), Ok(&[1.0][..]));
    let error = data.column("x1000000").unwrap_err().to_string();
    assert!(error.len() < 400, "{} characters: {error}", error.len());
}

#[test]
fn a_split_deals_every_row_once_and_is_the_same_for_the_same_seed() {
    let data = Dataset::new().with_numbers("x", (0..101).map(f64::from).collect()).unwrap();
    let split = |seed| data.split([0.7, 0.2, 0.1], seed).unwrap();
    let parts = split(1);
    assert_eq!(parts.each_ref().map(Dataset::rows), [71, 20, 10]);
    let all: Vec<f64> = parts.iter().flat_map(|part| part.numbers("x").unwrap().to_vec()).collect();
    let sorted: BTreeSet<u64> = all.iter().map(|x| *x as u64).collect();
    assert_eq!((all.len(), sorted.len()), (101, 101));
    // Lines go with their rows.
    assert_eq!(parts[2].line(3), parts[2].numbers("x").unwrap()[3] as u64 + 1);
    assert!(split(1) == split(1) && split(1) != split(2));
    let [whole, none] = data.split([1.0, 0.0], 1).unwrap();
    assert_eq!((whole.rows(), none.rows()), (101, 0));
    for shares in [[0.5, 0.6], [-0.5, 1.5], [f64::NAN, 1.0], [0.0, 0.0], [f64::INFINITY, 0.0]] {
        assert!(data.split(shares, 1).is_err(), "{shares:?}");
    }
    let error = data.split([0.001, 0.999], 1).unwrap_err().to_string();
    assert_eq!(error, "101 rows cannot be split so: part 1 with a share of 0.001 would be empty");
}

#[test]
fn standardized_columns_have_mean_0_and_deviation_1() {
    // Numbers of any size, and such that lie close together far from 0.
    for (size, offset) in [(1.0, 0.0), (1e300, 0.0), (1e-300, 0.0), (1e-3, 1e6)] {
        let numbers: Vec<f64> = (0..50).map(|i| f64::from(i * i % 17) * size + offset).collect();
        let data = Dataset::new().with_numbers("x", numbers).unwrap();
        let coded = Coder::fit(&data, &["x"]).unwrap().encode(&data).unwrap();
        let mean = coded.iter().sum::<f64>() / 50.0;
        let variance = coded.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 50.0;
        assert!(mean.abs() < 1e-6 && (variance - 1.0).abs() < 1e-6, "{size:e}: {mean} {variance}");
    }
    // Equal cells become 0, though the sum of thirds is rounded.
    let data = Dataset::new().with_numbers("x", vec![1.0 / 3.0; 7]).unwrap();
    assert_eq!(Code::standard(&data, "x"), Ok(Code::Number { mean: 1.0 / 3.0, scale: 1.0 }));
    let data = Dataset::new().with_numbers("x", vec![1e308, -1e308, 1e308]).unwrap();
    assert!(Code::standard(&data, "x").is_ok_and(|code| code != Code::AS_IS));
    let data = Dataset::new().with_numbers("x", vec![f64::MAX, -f64::MAX]).unwrap();
    let coded = Coder::fit(&data, &["x"]).unwrap().encode(&data).unwrap();
    assert!((coded[0] - 1.0).abs() < 1e-15 && coded[1] == -coded[0], "{coded:?}");
}

#[test]
fn classes_of_numbers_are_in_order_and_of_words_as_they_come() {
    let data = parse("grade,colour\n10,red\n9,blue\n-1,red\n9.5,green\n").unwrap();
    let classes = |name| match Code::classes(&data, name) {
        Ok(Code::Classes(classes)) => classes,
        other => panic!("{other:?}"),
    };
    assert_eq!(classes("grade"), ["-1", "9", "9.5", "10"]);
    assert_eq!(classes("colour"), ["red", "blue", "green"]);
    let many = Dataset::new().with_numbers("id", (0..1001).map(f64::from).collect()).unwrap();
    let error = Code::classes(&many, "id").unwrap_err().to_string();
    assert_eq!(error, "column `id`: more than 1000 different words are no classes");
}

#[test]
fn a_missing_or_infinite_cell_is_refused_where_it_is_used() {
    let data = parse("x,y,g\n1,1,a\n,2,\n3,inf,b\n").unwrap();
    let error = |name| Coder::fit(&data, &[name]).unwrap_err().to_string();
    let advice = "fill it in, or leave out rows with missing cells";
    assert_eq!(error("x"), format!("f.csv, line 3, column `x`: the cell is missing: {advice}"));
    assert_eq!(error("g"), format!("f.csv, line 3, column `g`: the cell is missing: {advice}"));
    assert_eq!(error("y"), "f.csv, line 4, column `y`: inf is not finite: give a finite number");
    let whole = data.without_missing(&["x", "g"]).unwrap();
    assert_eq!((whole.rows(), whole.line(1)), (2, 4));
    assert!(Coder::fit(&whole, &["x", "g"]).is_ok());
    assert!(data.without_missing(&["z"]).is_err());
    let twice = Coder::fit(&whole, &["x", "x"]).unwrap_err().to_string();
    assert_eq!(twice, "f.csv, column `x`: it is named twice: name it once");
}

#[test]
fn new_data_become_numbers_as_those_of_the_fit_did() {
    let train = parse("x,g\n1,a\n3,b\n").unwrap();
    let coder = Coder::fit(&train, &["x", "g"]).unwrap();
    let new = parse("g,extra,x\nb,,5\n").unwrap();
    assert_eq!(coder.encode(&new).unwrap(), [3.0, 0.0, 1.0]);
    let words = parse("x,g\nfive,a\n").unwrap();
    assert!(coder.encode(&words).unwrap_err().to_string().contains("`five` is no number"));
    let lacks = parse("g\na\n").unwrap();
    assert_eq!(
        coder.encode(&lacks).unwrap_err().to_string(),
        "f.csv: there is no column `x`. There are `g`"
    );
    // Classes that were numbers and stand among words now, and the other way round.
    let numbers = Coder {
        columns: [("c".into(), Code::classes(&parse("c\n1\n2\n").unwrap(), "c").unwrap())].into(),
    };
    assert_eq!(numbers.encode(&parse("c\n2\n1\n").unwrap()).unwrap(), [0.0, 1.0, 1.0, 0.0]);
    assert!(
        numbers.encode(&parse("c\n2\nx\n").unwrap()).unwrap_err().to_string().contains("line 3")
    );
}

#[test]
fn samples_refuse_what_does_not_fit_or_is_not_finite() {
    let message = |x: &[f64], inputs, y: &[f64], targets| {
        Samples::new(x, inputs, y, targets).expect_err("samples").to_string()
    };
    assert_eq!(
        message(&[1.0, 2.0, 3.0], 2, &[1.0], 1),
        "3 numbers of inputs in rows of 2: the last row is not full"
    );
    assert_eq!(
        message(&[1.0, 2.0], 1, &[1.0], 1),
        "2 rows of inputs and 1 row of targets: give one of each for every observation"
    );
    assert_eq!(
        message(&[1.0, 2.0], 1, &[1.0, f64::INFINITY], 1),
        "row 2: target 1 is inf: give a finite number, or leave the row out"
    );
    assert_eq!(message(&[], 0, &[], 0), "rows without inputs and targets");
    let no_inputs = Samples::new(&[] as &[f64], 0, &[1.0, 2.0], 1).unwrap();
    assert_eq!(no_inputs.as_slice(), [1.0, 2.0]);
    assert_eq!(
        Samples::new(&[0.1_f32], 1, &[1_u8], 1).unwrap().as_slice(),
        [f64::from(0.1_f32), 1.0]
    );
}

/// Texts that look like tables, and texts that do not.
fn anything() -> impl Strategy<Value = Vec<u8>> {
    let cell = prop_oneof![
        "[0-9.eE+-]{0,6}",
        "[a-z\" ,;\n]{0,5}",
        Just("1".to_string()),
        Just("x".to_string())
    ];
    let table = prop::collection::vec(prop::collection::vec(cell, 0..4), 0..6);
    let table = table.prop_map(|rows| {
        rows.into_iter().map(|row| row.join(",") + "\n").collect::<String>().into_bytes()
    });
    prop_oneof![prop::collection::vec(any::<u8>(), 0..60), table]
}

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn no_bytes_make_reading_or_coding_panic(bytes in anything(), comma in any::<bool>(), header in any::<bool>()) {
        let csv = if comma { Csv::new().decimal_comma() } else { Csv::new() };
        let csv = if header { csv } else { csv.header(false) };
        if let Ok(data) = csv.parse(&bytes, "f.csv") {
            let names: Vec<String> = data.names().map(String::from).collect();
            prop_assert!(data.rows() > 0 && !names.is_empty());
            for name in &names {
                let column = data.column(name).unwrap();
                prop_assert_eq!(column.len(), data.rows());
                if let Column::Words { words, codes, .. } = column {
                    prop_assert!(codes.iter().all(|&code| code == Column::MISSING || (code as usize) < words.len()));
                }
            }
            if let Ok(coder) = Coder::fit(&data, &names) {
                let numbers = coder.encode(&data).unwrap();
                prop_assert_eq!(numbers.len(), data.rows() * coder.width());
                prop_assert!(numbers.iter().all(|x| x.is_finite()));
            }
        }
    }

    #[test]
    fn numbers_written_and_read_are_the_same_bits(numbers in prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO, 1..20)) {
        let text: String = numbers.iter().map(|x| format!("{x:e}\n")).collect();
        let data = Csv::new().parse(format!("x\n{text}").as_bytes(), "f.csv").unwrap();
        let bits = |numbers: &[f64]| numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(data.numbers("x").unwrap()), bits(&numbers));
    }
}
