"""What lmfit reaches on the sets of this folder: `python3 with_lmfit.py`, with lmfit 1.3.4 and SciPy 1.17.1.

Writes `lmfit.txt`, a line a set and start: right digits of the worst parameter and of the worst standard error, at
most 11, and whether lmfit says that the fit succeeded. All options are lmfit's own defaults. Writes `lmfit_*.txt`,
reports of fits with bounds, a fixed parameter and weights.
"""

import pathlib
import re

import lmfit
import numpy as np
from numpy import arctan, cos, exp, pi, sin

HERE = pathlib.Path(__file__).parent
W = 2 * pi
MODELS = {
    "Bennett5": lambda b, x: b[0] * (b[1] + x) ** (-1 / b[2]),
    "Chwirut1": lambda b, x: exp(-b[0] * x) / (b[1] + b[2] * x),
    "DanWood": lambda b, x: b[0] * x ** b[1],
    "ENSO": lambda b, x: b[0] + b[1] * cos(W * x / 12) + b[2] * sin(W * x / 12)
    + b[4] * cos(W * x / b[3]) + b[5] * sin(W * x / b[3])
    + b[7] * cos(W * x / b[6]) + b[8] * sin(W * x / b[6]),
    "Gauss1": lambda b, x: b[0] * exp(-b[1] * x) + b[2] * exp(-((x - b[3]) ** 2) / b[4] ** 2)
    + b[5] * exp(-((x - b[6]) ** 2) / b[7] ** 2),
    "Kirby2": lambda b, x: (b[0] + b[1] * x + b[2] * x**2) / (1 + b[3] * x + b[4] * x**2),
    "Lanczos3": lambda b, x: b[0] * exp(-b[1] * x) + b[2] * exp(-b[3] * x) + b[4] * exp(-b[5] * x),
    "MGH09": lambda b, x: b[0] * (x**2 + x * b[1]) / (x**2 + x * b[2] + b[3]),
    "Misra1a": lambda b, x: b[0] * (1 - exp(-b[1] * x)),
    "Nelson": lambda b, x: b[0] - b[1] * x[0] * exp(-b[2] * x[1]),
    "Rat42": lambda b, x: b[0] / (1 + exp(b[1] - b[2] * x)),
    "Roszman1": lambda b, x: b[0] - b[1] * x - arctan(b[2] / (x - b[3])) / pi,
    "Thurber": lambda b, x: (b[0] + b[1] * x + b[2] * x**2 + b[3] * x**3)
    / (1 + b[4] * x + b[5] * x**2 + b[6] * x**3),
}


def read(name):
    """Read starts, certified values and standard errors, x and y."""
    lines = (HERE / f"{name}.dat").read_text().splitlines()
    rows = [re.findall(r"=\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)", l) for l in lines if re.match(r"\s*b\d =", l)]
    table = np.array([row[0] for row in rows], float)
    data = np.array([line.split() for line in lines[60:] if line.strip()], float)
    y, x = data[:, 0], data[:, 1] if data.shape[1] == 2 else data[:, 1:].T
    return table.T, x, np.log(y) if name == "Nelson" else y


def digits(found, certified):
    with np.errstate(all="ignore"):
        return max(0.0, min(11.0, np.nan_to_num(np.min(-np.log10(np.abs(found / certified - 1))), nan=0.0, posinf=11.0)))


def parameters(values):
    result = lmfit.Parameters()
    for i, value in enumerate(values):
        result.add(f"b{i + 1}", value)
    return result


lines = []
for name, model in MODELS.items():
    table, x, y = read(name)
    for start in (1, 2):
        fit = lmfit.minimize(
            lambda p: model(list(p.valuesdict().values()), x) - y, parameters(table[start - 1]), nan_policy="propagate")
        found = np.array([p.value for p in fit.params.values()])
        errors = np.array([np.nan if p.stderr is None else p.stderr for p in fit.params.values()])
        cells = f"{digits(found, table[2]):.1f} {digits(errors, table[3]):.1f} {fit.success}"
        lines.append(f"{name} {start} {cells}".lower().replace(name.lower(), name))
(HERE / "lmfit.txt").write_text("# set start parameters errors success\n" + "\n".join(lines) + "\n")
print("\n".join(lines))


def report(name, label, change=lambda p: None, weights=None):
    table, x, y = read(name)
    count = len(table[1])
    names = ", ".join(f"b{i + 1}" for i in range(count))
    f = eval(f"lambda x, {names}: model([{names}], x)", {"model": MODELS[name]})
    p = parameters(table[1])
    change(p)
    fit = lmfit.Model(f).fit(y, p, x=x, weights=None if weights is None else weights(x, y), ftol=1e-14, xtol=1e-14)
    # Without the line that names the Python function.
    text = fit.fit_report().split("\n", 2)[2]
    (HERE / f"lmfit_{label}.txt").write_text(text + "\n")
    print(text)


def bounded(p):
    p["b1"].set(min=0, max=100)
    p["b3"].set(min=0)


def fixed(p):
    p["b2"].set(value=0.6, vary=False)


report("Misra1a", "plain")
report("Rat42", "bounds", bounded)
report("Lanczos3", "fixed", fixed)
report("Chwirut1", "weights", weights=lambda x, y: 1 / np.sqrt(y))
