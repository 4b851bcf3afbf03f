#!/usr/bin/env python3
"""What a cold build of a small crate costs that depends on gradtape, or on echidna.

    taskset -c 1 python3 benches/building.py [--release] [--rounds N] [name=path/to/another/checkout ...]

prints the seconds that all compilers had on the processor: for the engine itself, for its dependencies, and for the small
crate with its linking. The crates are built in turns, each time from nothing; the medians are printed.
"""

import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent.parent

GRADTAPE = """
use gradtape::{Real, gradient};
fn f<S: Real>(x: &[S]) -> S {
    (x[1] - x[0] * x[0]).square() * 100.0 + (x[0] - 1.0).square()
}
fn main() {
    println!("{:?}", gradient(|x| f(x), &[-1.2, 1.0]));
}
"""

ECHIDNA = """
use echidna::{Scalar, grad};
fn f<S: Scalar>(x: &[S]) -> S {
    let (a, b) = (x[0] - S::from(1.0).unwrap(), x[1] - x[0] * x[0]);
    b * b * S::from(100.0).unwrap() + a * a
}
fn main() {
    println!("{:?}", grad(|x| f(x), &[-1.2, 1.0]));
}
"""


def compile_and_log(log, command):
    """Run a compiler, and write down which crate it compiles and how long it had on the processor."""
    code = subprocess.run(command, check=False, close_fds=False).returncode
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    if "--crate-name" in command and "___" not in command:
        name = command[command.index("--crate-name") + 1]
        with open(log, "a", encoding="utf-8") as out:
            out.write(json.dumps([name, used.ru_utime + used.ru_stime]) + "\n")
    sys.exit(code)


def build(folder, engine, options):
    """Build from nothing; the seconds of the engine, of its dependencies, and of the small crate."""
    with tempfile.TemporaryDirectory() as target:
        log = os.path.join(target, "log")
        environment = dict(os.environ, RUSTC_WRAPPER=str(pathlib.Path(__file__).resolve()), BUILDING_LOG=log)
        environment["CARGO_TARGET_DIR"] = target
        subprocess.run(["cargo", "build", "--quiet", *options], cwd=folder, env=environment, check=True)
        with open(log, encoding="utf-8") as lines:
            crates = [json.loads(line) for line in lines]
    total = {"engine": 0.0, "dependencies": 0.0, "small": 0.0}
    for name, seconds in crates:
        total[{engine: "engine", "small": "small"}.get(name, "dependencies")] += seconds
    return total


def main():
    """Make the crates, build them in turns, and print the medians."""
    options = [argument for argument in sys.argv[1:] if argument == "--release"]
    rounds = int(sys.argv[sys.argv.index("--rounds") + 1]) if "--rounds" in sys.argv else 3
    checkouts = dict(argument.split("=") for argument in sys.argv[1:] if "=" in argument)
    engines = {"gradtape": ("gradtape", f'{{ path = "{HERE}" }}', GRADTAPE)}
    for name, path in checkouts.items():
        engines[name] = ("gradtape", f'{{ path = "{pathlib.Path(path).resolve()}" }}', GRADTAPE)
    engines["echidna"] = ("echidna", '"0.15"', ECHIDNA)
    with tempfile.TemporaryDirectory() as root:
        found = {name: [] for name in engines}
        for name, (engine, where, code) in engines.items():
            source = pathlib.Path(root, name, "src")
            source.mkdir(parents=True)
            source.joinpath("main.rs").write_text(code, encoding="utf-8")
            package = '[package]\nname = "small"\nversion = "0.1.0"\nedition = "2024"\n[dependencies]\n'
            manifest = f"{package}{engine} = {where}\n[workspace]\n"
            source.parent.joinpath("Cargo.toml").write_text(manifest, encoding="utf-8")
            subprocess.run(["cargo", "fetch", "--quiet"], cwd=source.parent, check=True)
        for _ in range(rounds):
            for name, (engine, _, _) in engines.items():
                found[name].append(build(pathlib.Path(root, name), engine, options))
    print("| | engine, s | dependencies, s | small crate, s | all, s |\n|---|---|---|---|---|")
    for name, runs in found.items():
        parts = [statistics.median(run[part] for run in runs) for part in ("engine", "dependencies", "small")]
        whole = statistics.median(sum(run.values()) for run in runs)
        print(f"| {name} | " + " | ".join(f"{seconds:.1f}" for seconds in [*parts, whole]) + " |")


if "BUILDING_LOG" in os.environ:
    compile_and_log(os.environ["BUILDING_LOG"], sys.argv[1:])
else:
    main()
