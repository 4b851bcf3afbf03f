"""How a Python program takes part in benches/outside/main.rs, which says how they talk."""

import sys
import time

import numpy as np


def read(path):
    """Read a workload: its name, and its arrays by name."""
    with open(path) as file:
        workload = file.readline().strip()
        arrays = {}
        for line in file:
            name, _, *numbers = line.split()
            arrays[name] = np.array(numbers, dtype=np.float64)
    return workload, arrays


def serve(about, run):
    """Say who this is, and value and gradient; then run as often as asked for, and say how long that took.

    That is the time that all threads of the process had on the processor.

    `run` returns both, once they are there.
    """
    value, gradient = run()
    print(about)
    print(" ".join(repr(float(x)) for x in [value, *np.asarray(gradient)]), flush=True)
    for line in sys.stdin:
        start = time.process_time_ns()
        for _ in range(int(line)):
            run()
        print(time.process_time_ns() - start, flush=True)
