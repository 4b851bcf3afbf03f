//! Programs as Rust source, compiled and run: one executable for many of them, asked line by line.

#![allow(dead_code, reason = "each test uses its part")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// One text, and the functions that it has.
pub struct Case {
    pub text: String,
    pub shape: Shape,
}

/// What to call: how many inputs and outputs there are, and whether the functions return a `Result`.
#[derive(Clone, Copy)]
pub enum Shape {
    /// `value` and `value_and_gradient`.
    One { inputs: usize, guarded: bool },
    /// `values`.
    Many { inputs: usize, outputs: usize, guarded: bool },
    /// `sum_and_gradient`: the numbers are shared inputs, then rows.
    Rows { shared: usize, row: usize, guarded: bool },
}

/// What is asked of a case, and what came out.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Value, value and gradient; or the outputs.
    Numbers(Vec<f64>),
    /// The message of an error.
    Changed(String),
}

/// The tool beside the cargo that runs the tests, or else what is found in the path.
pub fn tool(name: &str) -> PathBuf {
    let beside = Path::new(env!("CARGO")).with_file_name(name);
    if beside.exists() { beside } else { PathBuf::from(name) }
}

/// A folder for what a test compiles.
pub fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("rust-source-{test}"));
    std::fs::create_dir_all(&folder).expect("a folder for what is compiled");
    folder
}

/// The library `libm` that this test was compiled with.
pub fn libm() -> PathBuf {
    let test = std::env::current_exe().expect("a running test");
    let folder = test.parent().expect("the folder of tests");
    let entries = std::fs::read_dir(folder).expect("it can be read");
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    found.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("liblibm-") && name.ends_with(".rlib")
    });
    found.sort_by_key(|path| path.metadata().and_then(|data| data.modified()).ok());
    found.pop().expect("the crate itself needs libm")
}

/// Call the compiler; panic with what it says if it refuses.
pub fn compile(source: &Path, output: &Path, more: &[String]) {
    let run = Command::new(tool("rustc"))
        .args(["--edition", "2024", "-C", "debuginfo=0", "-D", "warnings", "-o"])
        .arg(output)
        .arg(source)
        .arg("--extern")
        .arg(format!("libm={}", libm().display()))
        .args(more)
        .output()
        .expect("rustc is there where cargo is");
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{}\n{said}", source.display());
}

/// Assert that rustfmt with its default settings would change nothing, if it is installed.
pub fn assert_formatted(test: &str, texts: &[&str]) {
    let folder = folder(test);
    let mut paths = Vec::new();
    for (k, text) in texts.iter().enumerate() {
        let path = folder.join(format!("format_{k}.rs"));
        std::fs::write(&path, text).expect("a file in the folder of tests");
        paths.push(path);
    }
    // Settings of a folder above are not the default.
    std::fs::write(folder.join("rustfmt.toml"), "").expect("a file in the folder of tests");
    for paths in paths.chunks(100) {
        let run = Command::new(tool("rustfmt"))
            .args(["--check", "--edition", "2024", "--color", "never"])
            .args(paths)
            .output();
        match run {
            Err(_) => return eprintln!("skipped: there is no rustfmt here"),
            Ok(run) if String::from_utf8_lossy(&run.stderr).contains("is not installed") => {
                return eprintln!("skipped: rustfmt is not installed");
            }
            Ok(run) => {
                let said = [run.stdout, run.stderr].concat();
                assert!(run.status.success(), "{}", String::from_utf8_lossy(&said));
            }
        }
    }
}

const MAIN: &str = "
use std::fmt::Display;
use std::io::Read;

fn array<const N: usize>(x: &[f64]) -> [f64; N] {
    let x: Vec<_> = x.iter().map(|&x| x as T).collect();
    std::array::from_fn(|i| f64::from(x[i]))
}

type Out = Result<Vec<f64>, String>;

fn one<const N: usize>(x: &[f64], f: fn(&[T; N]) -> T, g: fn(&[T; N], &mut [T; N]) -> T) -> Out {
    let x = array::<N>(x).map(|x| x as T);
    let mut gradient = [0.0; N];
    let mut y = vec![f64::from(f(&x)), f64::from(g(&x, &mut gradient))];
    y.extend(gradient.map(f64::from));
    Ok(y)
}

fn one_guarded<const N: usize, E: Display>(
    x: &[f64], f: fn(&[T; N]) -> Result<T, E>, g: fn(&[T; N], &mut [T; N]) -> Result<T, E>,
) -> Out {
    let x = array::<N>(x).map(|x| x as T);
    let mut gradient = [0.0; N];
    let value = f(&x).map_err(|e| e.to_string());
    let both = g(&x, &mut gradient).map_err(|e| e.to_string());
    if value.is_err() != both.is_err() {
        return Err(format!(\"{value:?} but {both:?}\"));
    }
    let mut y = vec![f64::from(value?), f64::from(both?)];
    y.extend(gradient.map(f64::from));
    Ok(y)
}

fn many<const N: usize, const M: usize>(x: &[f64], f: fn(&[T; N], &mut [T; M])) -> Out {
    let mut y = [0.0; M];
    f(&array::<N>(x).map(|x| x as T), &mut y);
    Ok(y.map(f64::from).to_vec())
}

fn many_guarded<const N: usize, const M: usize, E: Display>(
    x: &[f64], f: fn(&[T; N], &mut [T; M]) -> Result<(), E>,
) -> Out {
    let mut y = [0.0; M];
    f(&array::<N>(x).map(|x| x as T), &mut y).map_err(|e| e.to_string())?;
    Ok(y.map(f64::from).to_vec())
}

fn cut<const S: usize, const R: usize>(x: &[f64]) -> ([T; S], Vec<[T; R]>) {
    let rows = if R == 0 { vec![[0.0; R]; 3] } else {
        x[S..].chunks(R).map(|row| array::<R>(row).map(|x| x as T)).collect()
    };
    (array::<S>(x).map(|x| x as T), rows)
}

fn rows<const S: usize, const R: usize>(
    x: &[f64], g: fn(&[T; S], &[[T; R]], &mut [T; S]) -> T,
) -> Out {
    let (shared, rows) = cut::<S, R>(x);
    let mut gradient = [0.0; S];
    let mut y = vec![f64::from(g(&shared, &rows, &mut gradient))];
    y.extend(gradient.map(f64::from));
    Ok(y)
}

fn rows_guarded<const S: usize, const R: usize, E: Display>(
    x: &[f64], g: fn(&[T; S], &[[T; R]], &mut [T; S]) -> Result<T, E>,
) -> Out {
    let (shared, rows) = cut::<S, R>(x);
    let mut gradient = [0.0; S];
    let mut y = vec![f64::from(g(&shared, &rows, &mut gradient).map_err(|e| e.to_string())?)];
    y.extend(gradient.map(f64::from));
    Ok(y)
}

fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let case: usize = words.next().unwrap().parse().unwrap();
        let bits = words.map(|w| u64::from_str_radix(w, 16).unwrap());
        let x: Vec<f64> = bits.map(f64::from_bits).collect();
        match answer(case, &x) {
            Ok(y) => {
                let y: Vec<String> = y.iter().map(|y| format!(\"{:x}\", y.to_bits())).collect();
                println!(\"ok {}\", y.join(\" \"));
            }
            Err(e) => println!(\"no {e}\"),
        }
    }
}
";

/// Compile all cases into one executable, and ask each question: a case, and the numbers to run it at. `float` is the
/// type of the numbers in the texts.
pub fn run(
    test: &str,
    float: &str,
    cases: &[Case],
    questions: &[(usize, Vec<f64>)],
) -> Vec<Answer> {
    let folder = folder(test);
    let mut source = String::from("#![allow(unused)]\n");
    let _ = writeln!(source, "type T = {float};{MAIN}");
    let mut arms = String::new();
    for (k, Case { text, shape }) in cases.iter().enumerate() {
        let _ = writeln!(source, "#[deny(warnings, unused)]\nmod c{k} {{\n{text}}}");
        let (call, guarded) = match *shape {
            Shape::One { inputs, guarded } => {
                (format!("one{{}}(x, c{k}::value, c{k}::value_and_gradient)"), (inputs, guarded).1)
            }
            Shape::Many { guarded, .. } => (format!("many{{}}(x, c{k}::values)"), guarded),
            Shape::Rows { guarded, .. } => {
                (format!("{{ let _ = c{k}::value; rows{{}}(x, c{k}::sum_and_gradient) }}"), guarded)
            }
        };
        let call = call.replacen("{}", if guarded { "_guarded" } else { "" }, 1);
        let _ = writeln!(arms, "        {k} => {call},");
    }
    let _ = writeln!(
        source,
        "fn answer(case: usize, x: &[f64]) -> Out {{\n    match case {{\n{arms}        _ => unreachable!(),\n    }}\n}}"
    );
    let (file, program) = (folder.join("main.rs"), folder.join("main"));
    std::fs::write(&file, source).expect("a file in the folder of tests");
    compile(&file, &program, &[]);
    let mut text = String::new();
    for (case, x) in questions {
        let _ = write!(text, "{case}");
        for x in x {
            let _ = write!(text, " {:x}", x.to_bits());
        }
        text.push('\n');
    }
    let mut child = Command::new(&program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("what was compiled runs");
    let mut stdin = child.stdin.take().expect("it is piped");
    let feeder = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    feeder.join().expect("no panic").expect("all is read");
    assert!(output.status.success(), "{test}: {}", String::from_utf8_lossy(&output.stdout));
    let said = String::from_utf8(output.stdout).expect("text");
    let answer = |line: &str| match line.split_once(' ') {
        Some(("ok", bits)) => {
            let number = |word| u64::from_str_radix(word, 16).expect("bits");
            Answer::Numbers(bits.split_whitespace().map(|w| f64::from_bits(number(w))).collect())
        }
        Some((_, message)) => Answer::Changed(message.to_owned()),
        None => panic!("{test}: {line}"),
    };
    let answers: Vec<Answer> = said.lines().map(answer).collect();
    assert_eq!(answers.len(), questions.len(), "{test}");
    answers
}
