"""The slopes of sigmoid and tanh, which are taken from the result where that loses no digits, with mpmath at 400 digits.

    python3 slopes.py > slopes.txt

A line reads `x sigmoid'(x) tanh'(x)`. The points are ordinary ones, tiny ones, and neighbours of the places where the
formula changes: `sigmoid(x) = 2/3` at `ln 2`, and `|tanh(x)| = 1/2` at `ln(3) / 2`.
"""

import math
import random

import mpmath as m

m.mp.prec = 1400
RANDOM = random.Random(11)

points = [RANDOM.uniform(-4, 4) for _ in range(300)]
points += [sign * 10 ** RANDOM.uniform(-12, 2) for _ in range(40) for sign in (1, -1)]
for edge in (math.log(2), math.log(3) / 2):
    for sign in (1, -1):
        x = sign * edge
        points += [x * (1 + k * 2.0**-52) for k in range(-4, 5)]
        points += [x * (1 + RANDOM.uniform(-0.1, 0.1)) for _ in range(20)]
for x in points:
    e = m.exp(m.mpf(x))
    print(x, float(e / (1 + e) ** 2), float(4 * e * e / (1 + e * e) ** 2))
