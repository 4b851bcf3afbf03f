//! Tables of which each rank reads its range, and plans and trainings on them.

use crate::on_ranks;
use crate::property::seed::seeds;
use gradtape::data::{Column, Csv, DataError, Dataset};
use gradtape::model::{Loss, ModelError, Recipe};
use gradtape::ranks::{Communicator, Local};
use std::path::PathBuf;

/// A file that is gone when the test is done.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> File {
        let path = std::env::temp_dir().join(format!("gradtape-{}-{name}.csv", std::process::id()));
        std::fs::write(&path, text).expect("a temporary file");
        File(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        _ = std::fs::remove_file(&self.0);
    }
}

/// What can be seen of a table: names, and of each column its kind, words and cells; the lines of the rows.
fn seen(parts: &[Dataset]) -> (Vec<String>, Vec<String>, Vec<u64>) {
    let names: Vec<String> = parts[0].names().map(String::from).collect();
    let mut columns = Vec::new();
    for name in &names {
        let mut shown = String::new();
        for part in parts {
            match part.column(name).expect("all have the same columns") {
                Column::Numbers(numbers) => shown += &format!("{numbers:?}"),
                Column::Words { words, codes, .. } => shown += &format!("{words:?}{codes:?}"),
                other => panic!("{other:?}"),
            }
        }
        columns.push(shown);
    }
    let lines = parts.iter().flat_map(|part| (0..part.rows()).map(|row| part.line(row)));
    (names, columns, lines.collect())
}

/// Put the columns of all ranks together as one table would show them.
fn together(parts: &[Dataset]) -> (Vec<String>, Vec<String>, Vec<u64>) {
    let (names, _, lines) = seen(parts);
    let columns = names.iter().map(|name| {
        let columns: Vec<&Column> = parts.iter().map(|part| part.column(name).unwrap()).collect();
        let mut all = (Vec::new(), Vec::new(), None);
        for column in columns {
            match column {
                Column::Numbers(numbers) => all.0.extend_from_slice(numbers),
                Column::Words { words, codes, .. } => {
                    all.1.extend_from_slice(codes);
                    let first = all.2.get_or_insert_with(|| words.clone());
                    assert_eq!(first, words, "all ranks have the same list of words");
                }
                other => panic!("{other:?}"),
            }
        }
        match all.2 {
            Some(words) => {
                assert!(all.0.is_empty(), "{name} holds numbers on one rank and words on another");
                format!("{words:?}{:?}", all.1)
            }
            None => format!("{:?}", all.0),
        }
    });
    (names.clone(), columns.collect(), lines)
}

fn read(file: &File, csv: &Csv, ranks: usize) -> Vec<Result<Dataset, DataError>> {
    on_ranks(ranks, |comm| csv.read_share(&file.0, comm))
}

fn agree(file: &File, csv: &Csv, text: &str) {
    let whole = csv.read(&file.0).unwrap_or_else(|error| panic!("{error}\n{text}"));
    for ranks in [1, 2, 3, 7] {
        let parts: Result<Vec<Dataset>, DataError> = read(file, csv, ranks).into_iter().collect();
        let parts = parts.unwrap_or_else(|error| panic!("{ranks} ranks: {error}\n{text}"));
        assert_eq!(parts.iter().map(Dataset::rows).sum::<usize>(), whole.rows(), "{text}");
        assert_eq!(together(&parts), seen(std::slice::from_ref(&whole)), "{ranks} ranks\n{text}");
    }
}

/// Quotes with delimiters, line breaks and quotes in them, long rows, blank lines, either line end, a byte order mark, words
/// that come late.
#[test]
fn each_rank_reads_its_range_and_together_they_read_the_table() {
    for seed in seeds(60) {
        let mut random = fastrand::Rng::with_seed(seed);
        let end = ["\n", "\r\n"][random.usize(0..2)];
        let header = random.u8(0..4) > 0;
        let mut text = String::from(if random.bool() { "\u{feff}" } else { "" });
        if header {
            text += &format!("x,word,note{end}");
        }
        for row in 0..random.usize(1..60) {
            let x = ["1.5", "", "-2e3", "0.25"][random.usize(0..4)];
            let word = ["a", "b", "17", "\"c,\"\"d\"", ""][random.usize(0..5)];
            let long = format!("\"{}\"", "line\n".repeat(random.usize(0..9)));
            let late = if row > 40 { "late" } else { "3" };
            let note = [late, &long, "4", "5\" pipe"][random.usize(0..4)];
            text += &format!("{x},{word},{note}{end}");
            if random.u8(0..10) == 0 {
                text += end;
            }
        }
        if random.bool() {
            text.truncate(text.trim_end().len());
        }
        let csv = Csv::new().header(header);
        let file = File::new("table", &text);
        match csv.read(&file.0) {
            Ok(_) => agree(&file, &csv, &text),
            // A last row cut within quotes, say: refused by all alike.
            Err(error) => {
                for found in read(&file, &csv, 3) {
                    assert_eq!(
                        found.expect_err("refused").to_string(),
                        error.to_string(),
                        "{text}"
                    );
                }
            }
        }
    }
}

#[test]
fn what_is_wrong_with_a_file_is_said_by_every_rank_as_by_one() {
    let rows = |bad: &str| {
        let row = |i: usize| if i == 30 { format!("{bad}\n") } else { format!("{i},\"a\n\"\n") };
        format!("x,y\n{}", (0..50).map(row).collect::<String>())
    };
    let texts = [rows("1,2,3"), rows("1e999,b"), rows("1"), "x,y\n".into(), "1,2\n3,4\n".into()];
    for text in texts.iter().map(String::as_str).chain(["", "x,y\n1,\"a\nb\nc\n"]) {
        let file = File::new("wrong", text);
        let alone = Csv::new().read(&file.0).expect_err("it is wrong").to_string();
        for ranks in [2, 5] {
            for found in read(&file, &Csv::new(), ranks) {
                assert_eq!(found.expect_err("it is wrong").to_string(), alone, "{text}");
            }
        }
    }
    let gone = File(PathBuf::from("no-such-folder/no-such-file.csv"));
    for found in read(&gone, &Csv::new(), 2) {
        assert!(found.expect_err("no file").to_string().contains("no-such-file.csv"));
    }
}

/// A file of numbers and words with something to learn.
fn file(rows: usize, missing: bool) -> String {
    let mut random = crate::random(rows as u64);
    let mut text = String::from("x,group,y,side\n");
    for row in 0..rows {
        let (x, group) = (random.f64() * 4.0 - 2.0, ["a", "b", "c"][random.usize(0..3)]);
        let y = x * x + if group == "a" { 0.5 } else { -0.25 };
        let side = if y > 1.0 { "high" } else { "low" };
        let x = if missing && row % 9 == 4 { String::new() } else { x.to_string() };
        text += &format!("{x},{group},{y},{side}\n");
    }
    text
}

/// What a training gives: fingerprint, rows, history and parameters, the checkpoint.
fn trained(recipe: &Recipe, file: &File, ranks: usize) -> Vec<Result<String, ModelError>> {
    on_ranks(ranks, |comm| {
        let plan = match recipe.batch {
            0 => recipe.plan_on(comm, &Csv::new().read_share(&file.0, comm)?)?,
            _ => recipe.plan(&Csv::new().read(&file.0)?)?,
        };
        let mut training = plan.training_on(comm)?;
        while training.epoch()?.is_some() {}
        let test = plan.test().map_or(0, Dataset::rows);
        let expected = if comm.rank() == 0 || recipe.batch > 0 { plan.rows()[2] } else { 0 };
        assert_eq!(test, expected, "the rows to test on are on the first rank");
        let end = format!("{:?} {:?} {:?}", plan.fingerprint(), plan.rows(), training.history());
        let bits: Vec<u64> = training.parameters().iter().map(|x| x.to_bits()).collect();
        Ok(format!("{end} {bits:?} {}", plan.checkpoint(&training).to_json()))
    })
}

#[test]
fn models_are_trained_to_the_same_bits_on_any_number_of_ranks() {
    let (whole, missing) =
        (File::new("whole", &file(700, false)), File::new("missing", &file(700, true)));
    let mut numbers = Recipe::new("y");
    numbers.inputs = vec!["x".into(), "group".into()];
    (numbers.epochs, numbers.batch, numbers.split) = (3, 0, [0.6, 0.2, 0.2]);
    let mut classes = numbers.clone();
    classes.target = "side".into();
    let mut dropped = numbers.clone();
    (dropped.drop_missing, dropped.split) = (true, [1.0, 0.0, 0.0]);
    let mut batches = numbers.clone();
    batches.batch = 150;
    let mut plain = numbers.clone();
    (plain.standardize, plain.loss) = (false, Some(Loss::Huber));
    for (recipe, file) in [
        (&numbers, &whole),
        (&classes, &whole),
        (&dropped, &missing),
        (&batches, &whole),
        (&plain, &whole),
    ] {
        let alone = trained(recipe, file, 1).remove(0).expect("a training that goes well");
        for ranks in [2, 3, 7] {
            for found in trained(recipe, file, ranks) {
                assert_eq!(found.expect("a training that goes well"), alone, "{ranks} ranks");
            }
        }
    }
    // A missing cell that is not left out, a target that is not there.
    let mut absent = numbers.clone();
    absent.target = "z".into();
    for (recipe, file) in [(&numbers, &missing), (&absent, &whole)] {
        let alone = trained(recipe, file, 1).remove(0).expect_err("refused").to_string();
        for found in trained(recipe, file, 3) {
            assert_eq!(found.expect_err("refused").to_string(), alone);
        }
    }
}

#[test]
fn a_plan_of_one_share_is_not_trained_by_itself_and_batches_are_not_drawn_from_shares() {
    let whole = File::new("share", &file(300, false));
    let mut recipe = Recipe::new("y");
    recipe.batch = 0;
    let ends = on_ranks(2, |comm| {
        let data = Csv::new().read_share(&whole.0, comm).expect("a good file");
        let plan = recipe.plan_on(comm, &data).expect("a good recipe");
        let alone = plan.training().expect_err("its rows are half of all").to_string();
        let mut batch = recipe.clone();
        batch.batch = 32;
        let batch = batch.plan_on(comm, &data).expect_err("batches").to_string();
        let mut other = recipe.clone();
        other.seed = comm.rank() as u64;
        [alone, batch, other.plan_on(comm, &data).expect_err("another recipe").to_string()]
    });
    for [alone, batch, other] in ends {
        assert!(alone.contains("of one rank of 2, and the training was begun on 1"), "{alone}");
        assert!(batch.contains("a batch of 32 takes rows that other ranks have"), "{batch}");
        assert!(
            other.contains("the recipe: rank 0 has") && other.contains("rank 1 has"),
            "{other}"
        );
    }
    assert!(recipe.plan_on(&Local, &Csv::new().read(&whole.0).expect("a good file")).is_ok());
}

/// A table of two classes and a number, which is the same on all ranks but for the order.
fn table(numbers: [&str; 2], words: [&str; 2]) -> Dataset {
    let number = |k: usize| (0..40).map(|i| (i * k % 7) as f64).collect::<Vec<f64>>();
    let [first, second] = numbers;
    let data = Dataset::new().with_numbers(first, number(2)).expect("a column");
    let data = data.with_numbers(second, number(3)).expect("a column");
    let words: Vec<&str> = (0..40).map(|i| words[i % 2]).collect();
    data.with_words("y", &words).expect("a column")
}

#[test]
fn columns_and_words_in_another_order_are_refused_on_all_ranks() {
    let mut recipe = Recipe::new("y");
    recipe.batch = 0;
    let usual = (["u", "v"], ["a", "b"]);
    for (other, what) in [
        ((["v", "u"], usual.1), "`v` of numbers, `u` of numbers"),
        ((usual.0, ["b", "a"]), "words [\"b\", \"a\"]"),
    ] {
        let ends = on_ranks(3, |comm| {
            let (numbers, words) = if comm.rank() == 1 { other } else { usual };
            recipe.plan_on(comm, &table(numbers, words)).map(|plan| plan.rows())
        });
        for end in ends {
            let message = end.expect_err("ranks that differ").to_string();
            assert!(message.contains("the columns: rank 0 has"), "{message}");
            assert!(message.contains(what), "{message}");
        }
    }
    let alike = on_ranks(3, |comm| recipe.plan_on(comm, &table(usual.0, usual.1)).is_ok());
    assert_eq!(alike, [true; 3]);
}

#[test]
fn trainings_of_other_lengths_and_other_checkpoints_are_refused_before_a_rank_waits_for_ever() {
    let whole = File::new("lengths", &file(300, false));
    let data = Csv::new().read(&whole.0).expect("a good file");
    let ends = on_ranks(2, |comm| {
        let mut recipe = Recipe::new("y");
        recipe.batch = 64;
        let plan = recipe.plan(&data).expect("a good recipe");
        let mut training = plan.training_on(comm).expect("the same recipe");
        training.epoch().expect("an epoch");
        let early = plan.checkpoint(&training);
        training.epoch().expect("an epoch");
        let late = plan.checkpoint(&training);
        let own = if comm.rank() == 0 { early } else { late };
        let resumed = plan.resume_on(comm, &own).expect_err("another checkpoint").to_string();
        let mut longer = recipe.clone();
        longer.epochs += comm.rank();
        let longer = longer.plan(&data).expect("a good recipe");
        [resumed, longer.training_on(comm).expect_err("another recipe").to_string()]
    });
    for [resumed, longer] in ends {
        assert!(resumed.contains("the checkpoint: rank 0 has"), "{resumed}");
        assert!(longer.contains("the recipe: rank 0 has"), "{longer}");
    }
}
