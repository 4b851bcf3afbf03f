"""Value, gradient and Hessian of the rows of the op table, computed with mpmath at 700 digits.

    python3 generate.py > derivatives.txt

A line reads `name n x₁ ... xₙ c ... | value | gradient | Hessian, row by row`: the row, how many operands, the operands
and constants, then the true numbers, rounded once. The points are ordinary numbers of every size, and neighbours of the
places where a formula could cancel, overflow or underflow: zeros of the function and of its derivatives, poles, edges.
"""

import math
import random

import mpmath as m
from mpmath import mpf

m.mp.prec = 2400
RANDOM = random.Random(10)
LN2, LN10, ROOT_PI = m.log(2), m.log(10), m.sqrt(m.pi)
MOST = mpf("1e306")


def sigmoid(x):
    return 1 / (1 + m.exp(-x))


def logistic(x):
    return sigmoid(x) * sigmoid(-x)


def phi(x):
    return m.exp(-x * x / 2) / m.sqrt(2 * m.pi)


def Phi(x):
    return m.erfc(-x / m.sqrt(2)) / 2


def scaled(x):
    return m.exp(x * x) * m.erfc(x)


def turn(x):
    return (m.cos(x) - m.sin(x) / x) / x


def root(x):
    return m.root(abs(x), 3)


def sign(x):
    return 1 if x > 0 else -1


def anywhere(_):
    return True


def above(bound):
    return lambda x: x > bound


def within(bound):
    return lambda x: abs(x) < bound


PI = math.pi
# Row: value, first, second derivative, where, near what, the largest argument.
UNARY = {
    "recip": (lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 2 / x**3, anywhere, [], 1e300),
    "square": (lambda x: x * x, lambda x: 2 * x, lambda x: mpf(2), anywhere, [], 1e150),
    "sqrt": (m.sqrt, lambda x: 1 / (2 * m.sqrt(x)), lambda x: -1 / (4 * x * m.sqrt(x)), above(0), [], 1e300),
    "cbrt": (lambda x: sign(x) * root(x), lambda x: 1 / (3 * root(x) ** 2), lambda x: -2 * sign(x) / (9 * root(x) ** 5),
             anywhere, [], 1e300),
    "exp": (m.exp, m.exp, m.exp, anywhere, [0, 700, -708], 700),
    "exp2": (lambda x: mpf(2) ** x, lambda x: mpf(2) ** x * LN2, lambda x: mpf(2) ** x * LN2**2, anywhere, [0], 1000),
    "exp_m1": (m.expm1, m.exp, m.exp, anywhere, [0], 700),
    "ln": (m.log, lambda x: 1 / x, lambda x: -1 / x**2, above(0), [1], 1e300),
    "ln_1p": (m.log1p, lambda x: 1 / (1 + x), lambda x: -1 / (1 + x) ** 2, above(-1), [0, -1], 1e300),
    "log2": (lambda x: m.log(x) / LN2, lambda x: 1 / x / LN2, lambda x: -1 / x**2 / LN2, above(0), [1], 1e300),
    "log10": (lambda x: m.log(x) / LN10, lambda x: 1 / x / LN10, lambda x: -1 / x**2 / LN10, above(0), [1], 1.7e308),
    "sin": (m.sin, m.cos, lambda x: -m.sin(x), anywhere, [0, PI / 2, PI], 1e300),
    "cos": (m.cos, lambda x: -m.sin(x), lambda x: -m.cos(x), anywhere, [0, PI / 2, PI], 1e300),
    "tan": (m.tan, lambda x: 1 + m.tan(x) ** 2, lambda x: 2 * m.tan(x) * (1 + m.tan(x) ** 2), anywhere, [0, PI / 2], 1e300),
    "asin": (m.asin, lambda x: 1 / m.sqrt(1 - x * x), lambda x: x / m.sqrt(1 - x * x) ** 3, within(1), [0, 1, -1], 1),
    "acos": (m.acos, lambda x: -1 / m.sqrt(1 - x * x), lambda x: -x / m.sqrt(1 - x * x) ** 3, within(1), [0, 1, -1], 1),
    "atan": (m.atan, lambda x: 1 / (1 + x * x), lambda x: -2 * x / (1 + x * x) ** 2, anywhere, [0, 1], 1.7e308),
    "sinh": (m.sinh, m.cosh, m.sinh, anywhere, [0], 700),
    "cosh": (m.cosh, m.sinh, m.cosh, anywhere, [0], 700),
    "tanh": (m.tanh, lambda x: 4 * logistic(2 * x), lambda x: -8 * m.tanh(x) * logistic(2 * x), anywhere,
             [0, 22, 250, -300, 353], 400),
    "asinh": (m.asinh, lambda x: 1 / m.sqrt(1 + x * x), lambda x: -x / m.sqrt(1 + x * x) ** 3, anywhere, [0], 1.7e308),
    "acosh": (m.acosh, lambda x: 1 / m.sqrt(x * x - 1), lambda x: -x / m.sqrt(x * x - 1) ** 3, above(1), [1], 1.7e308),
    "atanh": (m.atanh, lambda x: 1 / (1 - x * x), lambda x: 2 * x / (1 - x * x) ** 2, within(1), [0, 1, -1], 1),
    "softplus": (lambda x: m.log1p(m.exp(x)), sigmoid, logistic, anywhere, [0, -37, 37, -700], 750),
    "ln_1m_exp": (lambda x: m.log(-m.expm1(x)), lambda x: m.exp(x) / m.expm1(x), lambda x: -m.exp(x) / m.expm1(x) ** 2,
                  lambda x: x < 0, [0, -math.log(2), -700], 750),
    "sigmoid": (sigmoid, logistic, lambda x: -logistic(x) * m.tanh(x / 2), anywhere, [0, -700, 700], 750),
    "silu": (lambda x: x * sigmoid(x), lambda x: sigmoid(x) * (1 + x * sigmoid(-x)),
             lambda x: logistic(x) * (2 - x * m.tanh(x / 2)), anywhere,
             [0, -1.2784645427610737, 2.3993572805154675, -2.3993572805154675, -700], 750),
    "gelu": (lambda x: x * Phi(x), lambda x: Phi(x) + x * phi(x), lambda x: phi(x) * (2 - x * x), anywhere,
             [0, -0.7517915246935645, math.sqrt(2), -math.sqrt(2), -37], 38),
    "erf": (m.erf, lambda x: 2 / ROOT_PI * m.exp(-x * x), lambda x: -4 * x / ROOT_PI * m.exp(-x * x), anywhere, [0, 26], 26),
    "erfc": (m.erfc, lambda x: -2 / ROOT_PI * m.exp(-x * x), lambda x: 4 * x / ROOT_PI * m.exp(-x * x), anywhere, [0, 26], 26),
    "erfcx": (scaled, lambda x: 2 * x * scaled(x) - 2 / ROOT_PI, lambda x: (2 + 4 * x * x) * scaled(x) - 4 * x / ROOT_PI,
              lambda x: -20 < x < 1e4, [0, 0.5, 8], 1e4),
    "sinc": (lambda x: m.sin(x) / x, turn, lambda x: -m.sin(x) / x - 2 * turn(x) / x, anywhere,
             [0, 1.5, 2.0815759778181, 4.493409457909064, 5.940369990572713], 1e6),
    "lgamma": (lambda x: m.log(abs(m.gamma(x))), lambda x: m.psi(0, x), lambda x: m.psi(1, x), above(0),
               [1, 2, 1.4616321449683622], 1e5),
}


def hypot(x, y):
    return m.sqrt(x * x + y * y)


def symmetric(a, b, d):
    return [a, b, b, d]


def twist(x, y):
    return (x * x - y * y) / hypot(x, y) ** 4


def mixed_power(x, y):
    return x ** (y - 1) * (1 + y * m.log(x))


BINARY = {
    "mul": (lambda x, y: x * y, lambda x, y: [y, x], lambda x, y: symmetric(0, 1, 0)),
    "div": (lambda x, y: x / y, lambda x, y: [1 / y, -x / y**2], lambda x, y: symmetric(0, -1 / y**2, 2 * x / y**3)),
    "hypot": (hypot, lambda x, y: [x / hypot(x, y), y / hypot(x, y)],
              lambda x, y: symmetric(*(v / hypot(x, y) ** 3 for v in (y * y, -x * y, x * x)))),
    "atan2": (m.atan2, lambda x, y: [y / hypot(x, y) ** 2, -x / hypot(x, y) ** 2],
              lambda x, y: symmetric(-2 * x * y / hypot(x, y) ** 4, twist(x, y), 2 * x * y / hypot(x, y) ** 4)),
    "pow": (lambda x, y: x**y, lambda x, y: [y * x ** (y - 1), x**y * m.log(x)],
            lambda x, y: symmetric(y * (y - 1) * x ** (y - 2), mixed_power(x, y), x**y * m.log(x) ** 2)),
}

# Rows with a constant: value, first, second derivative, constants, where.
DATA = {
    "powi": (lambda x, c: x ** int(c), lambda x, c: c * x ** (int(c) - 1), lambda x, c: c * (c - 1) * x ** (int(c) - 2),
             [3, -2, 7, -5, 40, -13, 1000], anywhere),
    "powf": (lambda x, c: x**c, lambda x, c: c * x ** (c - 1), lambda x, c: c * (c - 1) * x ** (c - 2),
             [2.5, -0.5, 0.1, 1.5, -3.25], above(0)),
    "const_pow": (lambda x, c: c**x, lambda x, c: c**x * m.log(c), lambda x, c: c**x * m.log(c) ** 2, [2, 0.3], within(300)),
    "const_div": (lambda x, c: c / x, lambda x, c: -c / x**2, lambda x, c: 2 * c / x**3, [3, -0.7], anywhere),
    "polygamma": (lambda x, c: m.psi(int(c), x), lambda x, c: m.psi(int(c) + 1, x), lambda x, c: m.psi(int(c) + 2, x),
                  [0, 1, 2], lambda x: 1e-5 < x < 1e4),
}


def neighbours(c):
    size = max(abs(c), 1) if c else 1.0
    near = [c + s * size * 10.0**-k for k in (2, 4, 7, 10, 13) for s in (1, -1)]
    beside = [math.nextafter(c, math.inf), math.nextafter(c, -math.inf)] if c else [1e-300, -1e-300]
    return near + beside + [float(c)]


def sizes(low, high, count):
    signed = (10 ** RANDOM.uniform(low, high) * RANDOM.choice([1, -1]) for _ in range(count))
    return [float(f"{x:.6g}") for x in signed]


def show(numbers):
    return " ".join(repr(float(x)) for x in numbers)


def line(name, x, c, value, first, second):
    true = [value, *first, *second]
    # What overflows is not a matter of digits.
    if all(m.isfinite(t) and abs(t) < MOST for t in true):
        print(f"{name} {len(x)} {show([*x, *c])} | {show([value])} | {show(first)} | {show(second)}")


def main():
    for name, (f, d, dd, where, near, most) in UNARY.items():
        top = math.log10(most)
        points = sizes(-3, min(2, top), 12) + sizes(-300, top, 8) + [most, -most]
        for c in near:
            points += neighbours(c)
        for x in dict.fromkeys(points):
            if x != 0 and abs(x) <= most and where(x):
                exact = mpf(x)
                line(name, [x], [], f(exact), [d(exact)], [dd(exact)])
    for name, (f, d, dd) in BINARY.items():
        points = [(x, y) for k in (1, 6, 40) for x, y in zip(sizes(-k, k, 12), sizes(-k, k, 12))]
        points += [(3.0, -4.0), (1e-9, 3.0), (3.0, 1e-9), (2.0, 2.0), (2.0, -2.0), (2.0, 2.0000001), (1e155, 3e155)]
        for x, y in points:
            x, y = (abs(x), math.copysign(min(abs(y), 50.0), y)) if name == "pow" else (x, y)
            exact = (mpf(x), mpf(y))
            line(name, [x, y], [], f(*exact), d(*exact), dd(*exact))
    for name, (f, d, dd, constants, where) in DATA.items():
        for c in map(float, constants):
            for x in sizes(-1, 1, 6) + sizes(-12, 12, 4) + [1.0000001, 0.999]:
                x = abs(x) if where(abs(x)) and not where(x) else x
                if where(x):
                    exact = (mpf(x), mpf(c))
                    line(name, [x], [c], f(*exact), [d(*exact)], [dd(*exact)])
    for n in (1, 2, 3, 20):
        rest = [0.0] * (n - 1)
        points = [[round(RANDOM.uniform(-30, 30), 3) for _ in range(n)] for _ in range(4)]
        points += [rest + [last] for last in (0.0, -40.0, 40.0, -690.0, 300.0)] + [[1e16] * n]
        for x in points if n < 20 else points[:2] + points[5:6]:
            total = m.log(sum(m.exp(mpf(t)) for t in x))
            shares = [m.exp(mpf(t) - total) for t in x]
            others = [sum(shares[:i] + shares[i + 1:]) for i in range(n)]
            second = [shares[i] * (others[i] if i == j else -shares[j]) for i in range(n) for j in range(n)]
            line("log_sum_exp", x, [], total, shares, second)


main()
