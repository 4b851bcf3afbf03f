"""An epoch of `gradtape train` beside PyTorch and scikit-learn: 1,000,000 rows of 10 columns, 10-32-16-1, batch 256.

    cargo build --release --features cli
    python3 benches/training/compare.py target/release/gradtape

It writes the file that all of them read (100 MB, in a temporary folder). Contenders run in turns, each in a process of its
own, as many rounds as `--rounds` says; a peer that is not installed is skipped with a word. Times are wall-clock times of
one epoch; that of gradtape is the difference between two runs, of 3 epochs and of 1, that of the others is taken inside.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

ROWS, COLUMNS = 1_000_000, 10

TORCH = """
import sys, time, torch
import pandas
torch.manual_seed(1)
start = time.perf_counter()
table = pandas.read_csv(sys.argv[1])
load = time.perf_counter() - start
kind = torch.float64 if sys.argv[2] == "double" else torch.float32
x = torch.tensor(table.iloc[:, :10].values, dtype=kind)
y = torch.tensor(table.iloc[:, 10:].values, dtype=kind)
x, y = (x - x.mean(0)) / x.std(0), (y - y.mean()) / y.std()
Linear = lambda a, b: torch.nn.Linear(a, b, dtype=kind)
net = torch.nn.Sequential(Linear(10, 32), torch.nn.Tanh(), Linear(32, 16), torch.nn.Tanh(), Linear(16, 1))
adam = torch.optim.Adam(net.parameters(), lr=0.01)
def epoch(rows):
    order = torch.randperm(rows)
    for batch in order.split(256):
        adam.zero_grad()
        torch.nn.functional.mse_loss(net(x[batch]), y[batch]).backward()
        adam.step()
epoch(25600)
start = time.perf_counter()
epoch(len(x))
print(load, time.perf_counter() - start)
"""

SKLEARN = """
import sys, time, warnings, pandas
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import StandardScaler
warnings.filterwarnings("ignore")
start = time.perf_counter()
table = pandas.read_csv(sys.argv[1])
load = time.perf_counter() - start
x = StandardScaler().fit_transform(table.iloc[:, :10].values)
y = StandardScaler().fit_transform(table.iloc[:, 10:].values)[:, 0]
net = MLPRegressor(hidden_layer_sizes=(32, 16), activation="tanh", batch_size=256, learning_rate_init=0.01, max_iter=1, alpha=0)
start = time.perf_counter()
net.fit(x, y)
print(load, time.perf_counter() - start)
"""


def write(path):
    draw = random.Random(1)
    with open(path, "w") as file:
        file.write(",".join([f"x{i}" for i in range(COLUMNS)] + ["y"]) + "\n")
        for _ in range(ROWS):
            x = [draw.gauss(0, 1) for _ in range(COLUMNS)]
            y = x[0] * x[1] + max(x[2], 0.0) - 0.5 * x[3] + 0.1 * draw.gauss(0, 1)
            file.write(",".join(f"{value:.6f}" for value in [*x, y]) + "\n")


def gradtape(program, data, folder, epochs):
    model = os.path.join(folder, "m.json")
    options = ["--net", "32,tanh,16,tanh", "--batch", "256", "--split", "1,0,0", "--every", "1000000"]
    command = [program, "train", "--data", data, "--target", "y", "-o", model, "--epochs", str(epochs), "--json"]
    start = time.perf_counter()
    process = subprocess.Popen(command + options, stdout=subprocess.PIPE)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    answer = json.loads(process.stdout.read())
    if status:
        sys.exit("gradtape failed")
    cores = (usage.ru_utime + usage.ru_stime) / seconds
    return seconds, usage.ru_maxrss / 1024, cores, answer["best"]["loss"]


def peer(code, data, *more):
    ran = subprocess.run([sys.executable, "-c", code, data, *more], capture_output=True, text=True)
    if ran.returncode:
        print("skipped:", ran.stderr.strip().splitlines()[-1], file=sys.stderr)
        return None
    return [float(word) for word in ran.stdout.split()]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("program")
    options.add_argument("--rounds", type=int, default=3)
    options = options.parse_args()
    found = {name: [] for name in ("gradtape", "PyTorch, f64", "PyTorch, f32", "scikit-learn")}
    whole = []
    with tempfile.TemporaryDirectory() as folder:
        data = os.path.join(folder, "rows.csv")
        write(data)
        for _ in range(options.rounds):
            one = gradtape(options.program, data, folder, 1)
            three = gradtape(options.program, data, folder, 3)
            whole.append(one)
            found["gradtape"].append((one[0] - (three[0] - one[0]) / 2, (three[0] - one[0]) / 2))
            for name, code, more in (
                ("PyTorch, f64", TORCH, ["double"]),
                ("PyTorch, f32", TORCH, ["single"]),
                ("scikit-learn", SKLEARN, []),
            ):
                times = peer(code, data, *more)
                if times:
                    found[name].append(times)
    print("| | loading, s | an epoch, s | rows a second |")
    print("|---|---|---|---|")
    for name, times in found.items():
        if times:
            load, epoch = (statistics.median(column) for column in zip(*times))
            print(f"| {name} | {load:.2f} | {epoch:.2f} | {ROWS / epoch:,.0f} |")
    seconds, memory, cores, _ = (statistics.median(column) for column in zip(*whole))
    print(f"\ngradtape with 1 epoch: {seconds:.2f} s in all, {memory:.0f} MB at most, {cores:.2f} cores busy")


main()
