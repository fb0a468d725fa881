"""State dicts of other projects, made from parameters of ours."""

import torch


def tensors(params):
    return {name: torch.from_numpy(values.copy()) for name, values in params.items()}


def dotted(name):
    """Give the name of TransformerLens for one of ours."""
    tops = {
        "W_E": "embed.W_E",
        "W_pos": "pos_embed.W_pos",
        "W_U": "unembed.W_U",
        "b_U": "unembed.b_U",
    }
    if name in tops:
        return tops[name]
    _, layer, kind = name.split("/")
    part = "mlp" if kind in ("W_in", "b_in", "W_out", "b_out") else "attn"
    return f"blocks.{layer}.{part}.{kind}"


def transformer_lens(params):
    found = {dotted(name): value for name, value in tensors(params).items()}
    found["blocks.0.attn.mask"] = torch.tril(torch.ones(3, 3, dtype=torch.bool))
    found["blocks.0.attn.IGNORE"] = torch.tensor(float("-inf"))
    return found


def nanda(params):
    found = {}
    for name, value in tensors(params).items():
        kind = name.rsplit("/", 1)[-1]
        if kind in ("W_E", "W_in", "W_out"):
            turned = value.T
        elif kind in ("W_Q", "W_K", "W_V"):
            turned = torch.stack([head.T for head in value])
        elif kind == "W_O":
            turned = torch.cat(list(value)).T
        else:
            turned = value
        found[dotted(name)] = turned.contiguous()
    found["blocks.0.attn.mask"] = torch.tril(torch.ones(3, 3))
    return found


def bridge(params):
    """What ``torch.nn.Linear`` holds: ``[out, in]``, heads one below the other."""
    found = {}
    for name, value in tensors(params).items():
        kind = name.rsplit("/", 1)[-1]
        block = f"blocks.{name.split('/')[1]}" if "/" in name else ""
        letter = kind[-1].lower()
        theirs = {
            "W_E": "embed.weight",
            "W_pos": "pos_embed.weight",
            "W_U": "unembed.weight",
            "b_U": "unembed.bias",
            "W_in": f"{block}.mlp.in.weight",
            "b_in": f"{block}.mlp.in.bias",
            "W_out": f"{block}.mlp.out.weight",
            "b_out": f"{block}.mlp.out.bias",
        }.get(kind, f"{block}.attn.{letter}.{'bias' if kind[0] == 'b' else 'weight'}")
        found[theirs.replace(".weight", "._original_component.weight")] = linear(
            kind, value
        ).contiguous()
    return found


def linear(kind, value):
    if kind in ("W_U", "W_in", "W_out"):
        return value.T
    if kind in ("W_Q", "W_K", "W_V"):
        return torch.cat([head.T for head in value])
    if kind == "W_O":
        return torch.cat(list(value)).T
    return value.flatten() if kind in ("b_Q", "b_K", "b_V") else value


def plain(params):
    return {name.replace("/", "."): value for name, value in tensors(params).items()}


MADE = {
    "plain": plain,
    "transformer-lens": transformer_lens,
    "transformer-bridge": bridge,
    "nanda": nanda,
}
