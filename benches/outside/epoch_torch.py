"""An epoch of stochastic gradient descent of a network of tanh units with PyTorch, in eager mode.

    epoch_torch.py FILE

Value and gradient that it says first are those of the mean squared error of all rows, where the training begins.
"""

import sys

import torch
from protocol import read, serve

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


def network(data):
    """The layers with their parameters, in the order in which they stand in the file."""
    sizes, at = data["layers"].astype(int).tolist(), torch.from_numpy(data["at"])
    layers, used = [], 0
    for inputs, outputs in zip(sizes, sizes[1:]):
        layer = torch.nn.Linear(inputs, outputs)
        for parameter in [layer.weight, layer.bias]:
            values = at[used : used + parameter.numel()]
            parameter.data.copy_(values.reshape(parameter.shape))
            used += parameter.numel()
        layers += [layer, torch.nn.Tanh()]
    return torch.nn.Sequential(*layers[:-1])


if __name__ == "__main__":
    _, data = read(sys.argv[1])
    sizes = data["layers"].astype(int)
    batch = int(data["batch"][0])
    rows = torch.from_numpy(data["rows"].reshape(-1, sizes[0] + sizes[-1]))
    inputs, observed = rows[:, : sizes[0]].contiguous(), rows[:, sizes[0] :].contiguous()
    model = network(data)
    loss = torch.nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=float(data["rate"][0]))
    first = []

    def step(x, y):
        optimizer.zero_grad()
        value = loss(model(x), y)
        value.backward()
        return value

    def run():
        if not first:
            first.append(step(inputs, observed).item())
            return first[0], torch.cat([p.grad.reshape(-1) for p in model.parameters()])
        if batch == len(rows):
            step(inputs, observed)
            optimizer.step()
            return None
        for chosen in torch.randperm(len(rows)).split(batch):
            step(inputs[chosen], observed[chosen])
            optimizer.step()
        return None

    serve(f"PyTorch {torch.__version__}, eager", run)
