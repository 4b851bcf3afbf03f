"""The workloads of benches/common/workloads with PyTorch, as arrays, in eager mode: recorded and swept each time.

    with_torch.py FILE
"""

import sys

import numpy as np
import torch
from protocol import read, serve

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


def gmm(data):
    d, k = data["sizes"].astype(int)
    gamma, m, constant = data["hyper"]
    points = torch.from_numpy(data["points"].reshape(-1, d))
    columns, rows = np.triu_indices(d, 1)

    def f(at):
        alpha, mu, q, below = torch.split(at, [k, k * d, k * d, k * d * (d - 1) // 2])
        mu, q, below = mu.reshape(k, d), q.reshape(k, d), below.reshape(k, -1)
        factors = torch.diag_embed(q.exp())
        factors[:, rows, columns] = below
        log_det = q.sum(1)
        scaled = torch.einsum("kij,nkj->nki", factors, points[:, None, :] - mu)
        beta = alpha + log_det - 0.5 * scaled.square().sum(2)
        likelihood = beta.logsumexp(1).sum() - len(points) * alpha.logsumexp(0)
        prior = 0.5 * gamma**2 * factors.square().sum() - m * log_det.sum()
        return likelihood - prior + constant

    return f


def lstm(data):
    b = int(data["sizes"][0])
    sequence = torch.from_numpy(data["sequence"].reshape(-1, b))
    start = torch.from_numpy(data["state"].reshape(-1, 2, b))
    layers = len(start)

    def f(at):
        main, in_weight, out_weight, out_bias = torch.split(at, [8 * b * layers, b, b, b])
        main = main.reshape(layers, 2, 4, b)
        state, signals = [(hidden, cell) for hidden, cell in start], []
        for character in sequence[:-1]:
            signal = in_weight * character
            for layer, (hidden, cell) in enumerate(state):
                weights, biases = main[layer]
                gates = torch.stack([signal, hidden, signal, hidden]) * weights + biases
                forget, admit, emit = torch.sigmoid(gates[:3])
                cell = cell * forget + admit * torch.tanh(gates[3])
                signal = emit * torch.tanh(cell)
                state[layer] = (signal, cell)
            signals.append(signal)
        predicted = torch.stack(signals) * out_weight + out_bias
        norm = torch.log(predicted.exp().sum(1, keepdim=True) + 2.0)
        return -((predicted - norm) * sequence[1:]).mean()

    return f


def ode(data):
    steps = int(data["sizes"][0])
    h = 2.0 / steps

    def f(x):
        one = torch.ones(1)
        y = torch.zeros_like(x)
        for _ in range(steps):
            k1 = x * torch.cat([one, y[:-1]])
            k2 = x * torch.cat([one, (y + k1 * (h / 2))[:-1]])
            k3 = x * torch.cat([one, (y + k2 * (h / 2))[:-1]])
            k4 = x * torch.cat([one, (y + k3 * h)[:-1]])
            y = y + (k1 + 2 * k2 + 2 * k3 + k4) * (h / 6)
        return y[-1]

    return f


def llsq(data):
    signs = torch.from_numpy(data["signs"])
    powers = torch.from_numpy(data["powers"].reshape(len(signs), -1))
    return lambda x: 0.5 * (powers @ x - signs).square().sum()


OBJECTIVES = {"gmm": gmm, "lstm": lstm, "ode": ode, "llsq": llsq, "lse": lambda data: lambda x: x.logsumexp(0)}

if __name__ == "__main__":
    workload, data = read(sys.argv[1])
    f = OBJECTIVES[workload](data)
    at = torch.from_numpy(data["at"])

    def run():
        x = at.detach().requires_grad_()
        y = f(x)
        y.backward()
        return y.detach(), x.grad

    serve(f"PyTorch {torch.__version__}, eager", run)
