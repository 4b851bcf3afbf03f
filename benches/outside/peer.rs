//! An engine that runs in a process of its own.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;
use std::{env, fs};

/// A way to run an engine.
pub struct Peer {
    pub name: &'static str,
    /// What to start, and what stands before the file.
    command: Vec<PathBuf>,
}

impl Peer {
    /// All that can be started here; says of the others why not.
    pub fn installed() -> Vec<Peer> {
        let mut all = vec![];
        match compile() {
            Ok(program) => all
                .extend([("ADOL-C", "record"), ("ADOL-C, replay", "replay")].map(
                    |(name, mode)| Peer { name, command: vec![program.clone(), mode.into()] },
                )),
            Err(why) => eprintln!("ADOL-C is left out: {why}"),
        }
        let python = env::var("GRADTAPE_PYTHON").unwrap_or("python3".into());
        // A path is relative to the folder that the bench is started in, which is the project's.
        let python = match python.contains('/') {
            true => Path::new(env!("CARGO_MANIFEST_DIR")).join(python),
            false => python.into(),
        };
        for (name, package) in [("JAX, compiled", "jax"), ("PyTorch, eager", "torch")] {
            let script = folder().join(format!("with_{package}.py"));
            match succeeds(Command::new(&python).args(["-c", &format!("import {package}")])) {
                Ok(()) => all.push(Peer { name, command: vec![python.clone(), script] }),
                Err(why) => eprintln!("{name} is left out: {why}"),
            }
        }
        all
    }

    /// The same with another program in Python, from the same folder.
    pub fn with_script(&self, script: &str) -> Peer {
        Peer { name: self.name, command: vec![self.command[0].clone(), folder().join(script)] }
    }

    /// Start it on a workload.
    ///
    /// Panics if it does not answer as it should.
    pub fn start(&self, workload: &Workload) -> Process {
        let mut child = Command::new(&self.command[0])
            .args(&self.command[1..])
            .arg(&workload.0)
            // ADOL-C leaves files where it runs.
            .current_dir(built())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it started before");
        let asks = child.stdin.take().expect("it is piped");
        let answers = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut process =
            Process { child, asks: Some(asks), answers, about: String::new(), result: vec![] };
        process.about = process.line();
        process.result = process.line().split(' ').map(|x| x.parse().expect("a number")).collect();
        process
    }
}

/// An engine that waits to be asked.
pub struct Process {
    child: Child,
    asks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// What it says about itself: version and flags; after a semicolon, what belongs to this workload.
    pub about: String,
    /// Value and gradient.
    pub result: Vec<f64>,
}

impl Process {
    /// Have it compute value and gradient so many times; returns how long it had the processor for that.
    pub fn run(&mut self, times: u64) -> Duration {
        let asks = self.asks.as_mut().expect("it is open until the end");
        writeln!(asks, "{times}").and_then(|()| asks.flush()).expect("it listens");
        Duration::from_nanos(self.line().parse().expect("nanoseconds"))
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("it answers in lines");
        assert!(!line.is_empty(), "it ended without an answer");
        line.trim_end().to_owned()
    }
}

impl Drop for Process {
    /// It ends with its input.
    fn drop(&mut self) {
        self.asks = None;
        let _ = self.child.wait();
    }
}

/// The file of a workload.
pub struct Workload(PathBuf);

impl Workload {
    /// Write the name, which is the first word of the title, the arrays, and the point.
    pub fn write(title: &str, at: &[f64], arrays: &[(&str, &[f64])]) -> Workload {
        let mut text = title.split(' ').next().unwrap_or_default().to_owned() + "\n";
        for (name, numbers) in arrays.iter().chain([&("at", at)]) {
            write!(text, "{name} {}", numbers.len()).expect("a string takes all");
            // The shortest digits that read back as the same number.
            numbers.iter().for_each(|x| write!(text, " {x:?}").expect("a string takes all"));
            text.push('\n');
        }
        let path = built().join(title.replace([' ', '='], "_"));
        fs::write(&path, text).expect("the target folder can be written");
        Workload(path)
    }
}

/// Compile the program for ADOL-C, or say why that does not go.
fn compile() -> Result<PathBuf, String> {
    let version = Command::new("pkg-config").args(["--modversion", "adolc"]).output();
    let version =
        version.map_or("".into(), |output| String::from_utf8_lossy(&output.stdout).into_owned());
    let version = match version.trim() {
        "" => "of unknown version",
        version => version,
    };
    let program = built().join("with_adolc");
    let mut compiler = Command::new("g++");
    compiler.args(["-O3", "-DNDEBUG", "-std=c++17"]).arg(format!("-DADOLC=\"{version}\""));
    compiler.arg(folder().join("with_adolc.cpp")).args(["-ladolc", "-o"]).arg(&program);
    succeeds(&mut compiler).map(|()| program)
}

/// Run a command, or say why it failed: the last line of what it says.
fn succeeds(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|why| format!("{:?}: {why}", command.get_program()))?;
    let text = String::from_utf8_lossy(&output.stderr);
    match output.status.success() {
        true => Ok(()),
        false => Err(text.lines().last().unwrap_or("it failed").to_owned()),
    }
}

/// Where the programs are.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/outside")
}

/// Where what is made from them goes.
fn built() -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("outside");
    fs::create_dir_all(&path).expect("the target folder can be written");
    path
}
