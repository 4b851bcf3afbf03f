"""Write the reference tables of the lane kernels beside this script: python3 generate.py [name ...]

A line is `x y r`: the true value at x is y + r units in the last place of y, y being the nearest
double and |r| <= 1/2, so that errors far below one unit can be told. `pow.txt` has `x1 x2 y r`. The
unit of a subnormal y, and of zero, is 2^-1074. Needs mpmath; the points are the same in every run.
"""

import math
import random
import sys
from pathlib import Path

from mpmath import mp, mpf

# Enough for exp(x) - 1 and the like at the smallest x without a thought of cancellation.
mp.prec = 3400

INF, NAN = math.inf, math.nan
TINY, SMALLEST_NORMAL, LARGEST = 5e-324, 2.0**-1022, sys.float_info.max
SPECIAL = [0.0, -0.0, INF, -INF, NAN]


def around(*points):
    """Each point and its nearest neighbours."""
    return [p for x in points for p in (math.nextafter(x, -INF), x, math.nextafter(x, INF))]


def both(points):
    """Each point with either sign."""
    return [p for x in points for p in (x, -x)]


def spread(n, low, high):
    """Random significands and signs, with binary exponents uniform from low to high."""
    draw = random.Random(f"spread {n} {low} {high}")
    exponents = [draw.randint(low, high) for _ in range(n)]
    return [math.ldexp(1 + draw.random(), e) * draw.choice((1, -1)) for e in exponents]


def uniform(n, low, high):
    draw = random.Random(f"uniform {n} {low} {high}")
    return [draw.uniform(low, high) for _ in range(n)]


EXTREME = both([TINY, 3 * TINY, SMALLEST_NORMAL - TINY, SMALLEST_NORMAL, 1e-300, 1e300, LARGEST])
EVERYWHERE = SPECIAL + EXTREME + spread(100, -1074, 1023) + spread(100, -30, 9) + uniform(60, -3, 3)
# Where the argument reduction of exponentials changes over: the odd multiples of half the unit.
REDUCTION = both(around(*[float(mp.log(2) * k / 2) for k in [*range(1, 12), 1021, 2046, 2047]]))
# Powers of two, and where the significand of a logarithm is split.
SPLITS = around(*[2.0**k for k in range(-5, 6)], *[math.sqrt(0.5) * 2.0**k for k in range(-3, 4)])
NEAR_ONE = around(*[1 + s * 2.0**-k for k in range(2, 50, 5) for s in (1, -1)])
UNDERFLOW = around(-708.3964185322641, -744.4400719213812, -745.1332191019412)
OVERFLOW = both(around(709.782712893384, 710.4758600739439))
# Near multiples of pi/2, the last being the hardest of all doubles (Muller, Handbook, section 11.4).
QUADRANTS = both(around(*[float(mp.pi * k / 4) for k in [*range(1, 14), 1e3, 1e6, 1e9]]))
HARDEST = [6381956970095103 * 2.0**797, 5319372648326541 * 2.0**-52, 5.319372648326541e255, 1e22, 2.0**1000]
# The doubles below 2^20 pi/2 that come nearest to a multiple of pi/2, then where the reduction ends.
NEAREST = [float(mp.pi / 2 * k) for k in (1, 3, 11, 25, 29, 33, 51, 29327, 58654, 204552, 263205, 818211)]
REDUCED = both(around(*NEAREST, 1647099.0, 1647099.3258897684)) + uniform(100, -1647099, 1647099)
TRIGONOMETRIC = QUADRANTS + HARDEST + REDUCED
# Where the error function changes over, with the same place of gelu, and where its tail ends.
PIECES = both(around(0.5, math.sqrt(0.5), 1.0, 3.75, 5.921587195794508, 6.0)) + uniform(100, -6, 6)
TAIL = around(26.54325845425098, 27.226017111108366, 28.0) + uniform(100, 0, 28)
TIES = both(around(*[k + 0.5 for k in (0, 1, 2, 3, 4, 99, 2.0**31, 2.0**51)], *[2.0**k for k in range(50, 55)]))


def erfc(x):
    """The complementary error function, far below all doubles where that suffices."""
    return mp.erfc(x) if x < 60 else mpf(2) ** -3000


def erfcx(x):
    """By its continued fraction where the factors leave the range (DLMF 7.9.2)."""
    if x < 60:
        return mp.exp(x * x) * mp.erfc(x) if x > -60 else mpf(2) ** 3000
    fraction = x
    for k in range(400, 0, -1):
        fraction = x + mpf(k) / 2 / fraction
    return 1 / (fraction * mp.sqrt(mp.pi))


def gelu(x):
    return x / 2 * (erfc(-x / mp.sqrt(2)) if x > -60 else mpf(2) ** -3000 / abs(x))


# Kernel: function, its limits at -inf and inf, points besides those of EVERYWHERE.
KERNELS = {
    "exp": (mp.exp, 0.0, INF, REDUCTION + UNDERFLOW + OVERFLOW + uniform(60, -746, 710)),
    "exp_m1": (
        mp.expm1, -1.0, INF,
        REDUCTION + OVERFLOW + uniform(60, -60, 60) + around(-36.7368005696771, -37.42994775023705, 1e-16),
    ),
    "ln": (mp.log, NAN, INF, SPLITS + NEAR_ONE + spread(100, -1074, 1023) + uniform(60, 0.5, 2)),
    "ln_1p": (
        mp.log1p, NAN, INF,
        SPLITS + [x - 1 for x in SPLITS] + uniform(60, -1, 3)
        + around(-1.0, 2.0**53, 2.0**54, 2.0**-53, -(2.0**-54)),
    ),
    "sin": (mp.sin, NAN, NAN, TRIGONOMETRIC),
    "cos": (mp.cos, NAN, NAN, TRIGONOMETRIC),
    "tan": (mp.tan, NAN, NAN, TRIGONOMETRIC),
    "sinh": (mp.sinh, -INF, INF, REDUCTION + OVERFLOW + uniform(60, -711, 711) + around(22.0, 28.0)),
    "cosh": (mp.cosh, INF, INF, REDUCTION + OVERFLOW + uniform(60, -711, 711) + around(22.0, 28.0)),
    "tanh": (
        mp.tanh, -1.0, 1.0,
        [x / 2 for x in REDUCTION] + uniform(60, -23, 23) + both(around(19.061547465398498, 22.0)),
    ),
    "sqrt": (mp.sqrt, NAN, INF, SPLITS + NEAR_ONE),
    "sigmoid": (
        lambda x: 1 / (1 + mp.exp(-x)), 0.0, 1.0,
        REDUCTION + UNDERFLOW + uniform(100, -746, 40) + around(36.7368005696771),
    ),
    "softplus": (
        lambda x: mp.log1p(mp.exp(x)), 0.0, INF,
        REDUCTION + UNDERFLOW + uniform(100, -746, 40) + around(36.7368005696771),
    ),
    "atan": (
        mp.atan, float(-mp.pi / 2), float(mp.pi / 2),
        both(around(0.4375, 0.6875, 1.1875, 2.4375, 2.0**26, 2.0**66)) + uniform(100, -4, 4),
    ),
    "cbrt": (
        lambda x: mp.sign(x) * mp.cbrt(abs(x)), -INF, INF,
        both(around(*[2.0**k for k in range(-6, 7)], 27.0, 1e-309)) + spread(100, -1074, 1023),
    ),
    "round": (
        lambda x: mp.sign(x) * mp.floor(abs(x) + 0.5), -INF, INF,
        TIES + [float(k) + 0.5 for k in range(-20, 20)] + uniform(100, -1e6, 1e6),
    ),
    "silu": (
        lambda x: x / (1 + mp.exp(-x)), -0.0, INF,
        REDUCTION + UNDERFLOW + uniform(100, -760, 40) + around(-751.7, -800.0, 36.7368005696771),
    ),
    "gelu": (gelu, -0.0, INF, PIECES + uniform(100, -39, 9) + around(-37.5, -38.57, -39.6)),
    "erf": (mp.erf, -1.0, 1.0, PIECES + both(around(0.84375, 1.25, 2.857142857142857))),
    "erfc": (erfc, 2.0, 0.0, PIECES + TAIL),
    "erfcx": (erfcx, INF, 0.0, PIECES + TAIL + uniform(100, -27, 0) + around(-26.6287357137514)),
}


def points_of_pow():
    """The cases of C99 annex F, results of every magnitude, bases near 1, integer exponents."""
    odd_even = [1.0, 2.0, 3.0, 0.5, 2.5, 2.0**52 + 1, 2.0**53 - 1, 2.0**53 + 2, TINY, LARGEST]
    special = SPECIAL + both(odd_even)
    pairs = [(x, y) for x in special for y in special]
    draw = random.Random("pow")
    for x in map(abs, EXTREME + spread(100, -1074, 1023) + SPLITS + NEAR_ONE):
        most = min(1080 / abs(math.log2(x)), 1e300) if x != 1 else 1e300
        pairs += [(x, draw.uniform(-most, most)), (x, draw.uniform(-3, 3))]
    for x in uniform(60, 0.9, 1.1):
        pairs += [(x, draw.uniform(-7000, 7000)), (-x, float(draw.randint(-7000, 7000)))]
    for x in (math.nextafter(1.0, 0.0), math.nextafter(1.0, 2.0)):
        pairs += [(x, y) for y in both([1e15, 1e17, 6e18, 1e19, 1e300])]
    pairs += [(2.0, float(y)) for y in range(-1076, 1026, 75)]
    return pairs + [(10.0, float(y)) for y in range(-324, 310, 20)]


def rounded(value):
    """The nearest double, and what is left in its units in the last place."""
    if mp.isinf(value):
        return float(value), 0.0
    exponent = mp.frexp(value)[1] if value else 0
    unit = mp.ldexp(1, max(exponent - 53, -1074))
    steps = mp.nint(value / unit)
    if abs(steps * unit) > mpf(LARGEST):
        return math.copysign(INF, value), 0.0
    return math.copysign(float(steps * unit), value), float(value / unit - steps)


def kernel(f, low, high, x):
    if math.isnan(x) or x in (-INF, INF):
        return {-INF: low, INF: high}.get(x, NAN), 0.0
    try:
        value = f(mpf(x))
    except ValueError:  # The logarithm of zero.
        return -INF, 0.0
    if isinstance(value, mp.mpc):
        return NAN, 0.0
    # Where f(0) is 0, f(-0) is -0; likewise for all that is rounded to the integer 0.
    return (math.copysign(0.0, x), 0.0) if value == 0 else rounded(value)


def power(x, y):
    try:
        special = math.pow(x, y)  # Follows C99 annex F, except that it raises errors for poles.
    except ValueError:
        odd = abs(y) < 2.0**53 and y % 2 == 1
        special = math.copysign(INF, x if odd else 1.0) if x == 0 else NAN
    except OverflowError:
        special = 1.0
    if not (math.isfinite(x) and math.isfinite(y)) or x == 0 or math.isnan(special):
        return special, 0.0
    exponent = mpf(y) * mp.log(abs(mpf(x)))
    value = mp.exp(min(max(exponent, mpf(-1e4)), mpf(1e4)))
    return rounded(-value if x < 0 and y % 2 == 1 else value)


def write(name, rows):
    text = "".join(f"{' '.join(map(repr, x))} {y!r} {r:.4f}\n" for x, (y, r) in rows)
    (Path(__file__).parent / f"{name}.txt").write_text(text)


def main(names):
    for name in names or [*KERNELS, "pow"]:
        # Without repetitions, by representation: 0 and -0 differ, and NaN is not itself.
        if name == "pow":
            points = {repr(p): p for p in points_of_pow()}.values()
            write(name, [(p, power(*p)) for p in points])
        else:
            f, low, high, more = KERNELS[name]
            points = {repr(x): x for x in EVERYWHERE + more}.values()
            write(name, [((x,), kernel(f, low, high, x)) for x in points])


main(sys.argv[1:])
