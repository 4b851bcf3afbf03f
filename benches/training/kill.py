"""Kill `gradtape train` at random moments, resume it, and compare the model with that of a run that was not killed.

    cargo build --release --features cli
    python3 benches/training/kill.py target/release/gradtape 200

Every kill is `kill -9`, so nothing is cleaned up. A run may be killed several times on its way. It ends with an error if a
model differs in a byte, or a training cannot be resumed; a kill before the first checkpoint begins anew.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time

DATA = os.path.join(os.path.dirname(__file__), "../../examples/iris/iris.csv")
SETTINGS = ["--target", "species", "--epochs", "300", "--batch", "4", "--schedule", "plateau", "--clip", "1"]


def model(path):
    with open(path) as file:
        return [line for line in file if '"command"' not in line]


def main():
    program, kills = sys.argv[1], int(sys.argv[2])
    draw = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        whole, stopped = (os.path.join(folder, name) for name in ("whole.json", "stopped.json"))
        usual = [program, "train", "--data", DATA, "-q"]
        start = time.perf_counter()
        subprocess.run([*usual, *SETTINGS, "-o", whole, "--every", "0.01"], check=True, stdout=subprocess.DEVNULL)
        length = time.perf_counter() - start
        expected, killed, finished = model(whole), 0, 0
        checkpoint = stopped.replace(".json", ".checkpoint.json")
        while killed < kills or not finished:
            begun = os.path.exists(checkpoint)
            more = ["--resume"] if begun else SETTINGS
            process = subprocess.Popen([*usual, *more, "-o", stopped, "--every", "0.01"], stdout=subprocess.DEVNULL)
            try:
                process.wait(draw.uniform(0.0, 0.7 * length) if killed < kills else None)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                killed += 1
                continue
            if process.returncode:
                sys.exit(f"after {killed} kills the training was not resumed")
            if model(stopped) != expected:
                sys.exit(f"after {killed} kills the model is another one")
            finished += 1
            os.remove(checkpoint)
            os.remove(stopped)
        left = [name for name in os.listdir(folder) if name.endswith(".part")]
        print(f"{killed} kills, {finished} trainings resumed to the same bytes, {len(left)} unfinished files left beside")


main()
