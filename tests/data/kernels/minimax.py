"""Print the polynomials of the lane kernels that are not fdlibm's, by the algorithm of E. Ya. Remez.

Needs mpmath. See N. Brisebarre, J.-M. Muller, Elementary Functions (3rd ed., 2016), section 3.5.
"""

from mpmath import mp, mpf

mp.prec = 300


def minimax(f, degree, low, high, weight=lambda x: mpf(1)):
    """Coefficients from the constant on, and the largest weighted error."""
    size = degree + 2
    at = lambda t: (low + high) / 2 - (high - low) / 2 * mp.cos(mp.pi * t)
    points = [at(mpf(2 * i + 1) / (2 * size)) for i in range(size)]
    grid = [at(mpf(i) / (60 * size)) for i in range(60 * size + 1)]
    for _ in range(12):
        rows, values = mp.matrix(size, size), mp.matrix(size, 1)
        for i, x in enumerate(points):
            for j in range(degree + 1):
                rows[i, j] = x**j
            rows[i, degree + 1] = (-1) ** i / weight(x)
            values[i] = f(x)
        solution = mp.lu_solve(rows, values)
        coefficients = list(solution)[: degree + 1]
        errors = [weight(x) * (f(x) - mp.polyval(coefficients[::-1], x)) for x in grid]
        # The largest error between two changes of its sign.
        peaks = [0]
        for i in range(1, len(grid)):
            if errors[i] * errors[peaks[-1]] < 0:
                peaks.append(i)
            elif abs(errors[i]) > abs(errors[peaks[-1]]):
                peaks[-1] = i
        while len(peaks) > size:
            peaks.pop(0 if abs(errors[peaks[0]]) < abs(errors[peaks[-1]]) else -1)
        if len(peaks) < size:
            break
        points = [grid[i] for i in peaks]
    return coefficients, max(map(abs, errors))


def tail_of_exp(r):
    return (mp.expm1(r) - r) / r**2 if abs(r) > mpf(2) ** -100 else mpf(1) / 2


def series_of_ln(z):
    s = mp.sqrt(z)
    return (2 * mp.atanh(s) - 2 * s) / (s * z) if z > mpf(2) ** -100 else mpf(2) / 3


half = mp.log(2) / 2 * mpf("1.0001")
for name, polynomial in [
    ("tail of exponential.rs", minimax(tail_of_exp, 10, -half, half)),
    ("R of logarithm.rs", minimax(series_of_ln, 7, mpf(0), mpf("0.0401"))),
    ("rough_reciprocal", minimax(lambda x: 1 / x, 2, mpf("0.7"), mpf("2.42"), lambda x: x)),
]:
    print(name, *map(repr, map(float, polynomial[0])), sep="\n    ")
    print(f"    off by 2^{mp.nstr(mp.log(polynomial[1], 2), 4)}")
