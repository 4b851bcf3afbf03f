"""The workloads of benches/common/workloads with JAX, as arrays: compiled once, which is timed apart.

    with_jax.py FILE
"""

import os
import sys
import time

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
from jax.scipy.special import logsumexp  # noqa: E402
from protocol import read, serve  # noqa: E402

jax.config.update("jax_enable_x64", True)


def gmm(data):
    d, k = data["sizes"].astype(int)
    gamma, m, constant = data["hyper"]
    points = jnp.array(data["points"].reshape(-1, d))
    columns, rows = np.triu_indices(d, 1)

    def f(at):
        alpha, mu, q, below = jnp.split(at, np.cumsum([k, k * d, k * d]))
        mu, q, below = mu.reshape(k, d), q.reshape(k, d), below.reshape(k, -1)
        factors = jax.vmap(jnp.diag)(jnp.exp(q)).at[:, rows, columns].set(below)
        log_det = q.sum(axis=1)
        scaled = jnp.einsum("kij,nkj->nki", factors, points[:, None, :] - mu)
        beta = alpha + log_det - 0.5 * (scaled**2).sum(axis=2)
        likelihood = logsumexp(beta, axis=1).sum() - len(points) * logsumexp(alpha)
        prior = 0.5 * gamma**2 * (factors**2).sum() - m * log_det.sum()
        return likelihood - prior + constant

    return f


def lstm(data):
    b = int(data["sizes"][0])
    sequence = jnp.array(data["sequence"].reshape(-1, b))
    start = jnp.array(data["state"].reshape(-1, 2, b))
    layers = len(start)

    def f(at):
        main, in_weight, out_weight, out_bias = jnp.split(at, np.cumsum([8 * b * layers, b, b]))
        main = main.reshape(layers, 2, 4, b)

        def step(state, character):
            signal, after = in_weight * character, []
            for (weights, biases), (hidden, cell) in zip(main, state):
                gates = jnp.stack([signal, hidden, signal, hidden]) * weights + biases
                forget, admit, emit = jax.nn.sigmoid(gates[:3])
                cell = cell * forget + admit * jnp.tanh(gates[3])
                hidden = emit * jnp.tanh(cell)
                after.append(jnp.stack([hidden, cell]))
                signal = hidden
            return jnp.stack(after), signal * out_weight + out_bias

        _, predicted = jax.lax.scan(step, start, sequence[:-1])
        norm = jnp.log(jnp.exp(predicted).sum(axis=1, keepdims=True) + 2.0)
        return -((predicted - norm) * sequence[1:]).mean()

    return f


def ode(data):
    steps = int(data["sizes"][0])
    h = 2.0 / steps

    def f(x):
        def slopes(y):
            return x * jnp.concatenate([jnp.ones(1), y[:-1]])

        def step(y, _):
            k1 = slopes(y)
            k2 = slopes(y + k1 * (h / 2))
            k3 = slopes(y + k2 * (h / 2))
            k4 = slopes(y + k3 * h)
            return y + (k1 + 2 * k2 + 2 * k3 + k4) * (h / 6), None

        return jax.lax.scan(step, jnp.zeros_like(x), None, steps)[0][-1]

    return f


def llsq(data):
    signs = jnp.array(data["signs"])
    powers = jnp.array(data["powers"].reshape(len(signs), -1))
    return lambda x: 0.5 * ((powers @ x - signs) ** 2).sum()


def over_rows(row):
    """The sum over the rows of a table, of a function of parameters and one row."""

    def objective(data):
        width = int(data["sizes"][0])
        rows = jnp.array(data["rows"].reshape(-1, width))
        return lambda at: jax.vmap(row, (None, 0))(at, rows).sum()

    return objective


def kmeans(at, x):
    return ((at.reshape(-1, len(x)) - x) ** 2).sum(axis=1).min()


def ba(camera, row):
    r, x = camera[:3], row[:3] - camera[3:6]
    angle = jnp.sqrt((r**2).sum())
    axis = r / angle
    seen = x * jnp.cos(angle) + jnp.cross(axis, x) * jnp.sin(angle) + axis * (axis @ x) * (1.0 - jnp.cos(angle))
    flat = seen[:2] / seen[2]
    square = (flat**2).sum()
    distortion = 1.0 + camera[9] * square + camera[10] * square**2
    return (((flat * distortion * camera[6] + camera[7:9] - row[4:6]) * row[3]) ** 2).sum()


def mlp(data):
    """The sum over the rows of the mean squared error of a network of tanh units."""
    sizes = data["layers"].astype(int)
    rows = jnp.array(data["rows"].reshape(-1, sizes[0] + sizes[-1]))

    def row(at, row):
        signal, used = row[: sizes[0]], 0
        for inputs, outputs in zip(sizes, sizes[1:]):
            weights = at[used : used + inputs * outputs].reshape(outputs, inputs)
            used += inputs * outputs
            signal = weights @ signal + at[used : used + outputs]
            used += outputs
            signal = signal if used == len(at) else jnp.tanh(signal)
        return ((signal - row[sizes[0] :]) ** 2).mean()

    return lambda at: jax.vmap(row, (None, 0))(at, rows).sum()


OBJECTIVES = {
    "gmm": gmm,
    "lstm": lstm,
    "ode": ode,
    "llsq": llsq,
    "lse": lambda data: logsumexp,
    "rows-kmeans": over_rows(kmeans),
    "rows-ba": over_rows(ba),
    "rows-lse": over_rows(lambda at, x: logsumexp(at + x)),
    "mlp": mlp,
}

if __name__ == "__main__":
    workload, data = read(sys.argv[1])
    at = jnp.array(data["at"])
    start = time.process_time()
    compiled = jax.jit(jax.value_and_grad(OBJECTIVES[workload](data))).lower(at).compile()
    took = time.process_time() - start
    serve(f"JAX {jax.__version__}; compiled in {took:.2f} s", lambda: jax.block_until_ready(compiled(at)))
