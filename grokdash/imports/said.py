"""What the configurations of other projects say, in fields of ours.

Only what is understood is taken. What says that a network is none of ours is refused.
"""

from collections.abc import Mapping
from typing import Any

from grokdash.config import RunConfig
from grokdash.errors import ConfigError
from grokdash.imports.names import CHUGHTAI, NANDA, ZHONG, Layout
from grokdash.imports.own import MADE_BY
from grokdash.imports.splits import Generator

Said = Mapping[str, Any]

_HYPERPARAMETERS = {
    "weight_decay": ("weight_decay", "wd"),
    "lr": ("lr",),
    "seed": ("seed",),
}
"""Fields of ours, and what others call them."""
_ACTIVATIONS = {"relu": "relu", "gelu": "gelu"}
_OPERATIONS = {"add": "add", "subtract": "subtract", "x2xyy2": "quadratic"}
"""By ``fn_name`` of Nanda et al."""
_OF_SPLIT = ("split_rng", "split_seed")
HEADS = ("n_heads", "num_heads")


def first_of(said: Said, names: tuple[str, ...], kind: type | tuple[type, ...]) -> Any:
    """Give the first value of a kind that one of some names has; None without."""
    found = (said.get(name) for name in names)
    return next((v for v in found if isinstance(v, kind) and v is not True), None)


def check_fits(said: Said, layout: Layout) -> None:
    """Refuse what a configuration says that no network of ours does.

    Raises
    ------
    ConfigError
        Naming the field, what fits and what came.
    """
    if layout is ZHONG:
        _check_zhong(said)
    if layout is CHUGHTAI and said.get("group", "CyclicGroup") != "CyclicGroup":
        raise ConfigError(
            f"group: expected CyclicGroup, addition mod p; got {said['group']!r}, "
            "whose table is none of the operations of grokdash"
        )
    for name, fitting in (("normalization_type", (None,)), ("attn_only", (False,))):
        if name in said and said[name] not in fitting:
            raise ConfigError(
                f"{name}: expected {fitting[0]}; got {said[name]!r}, which no network "
                "of grokdash has"
            )
    if said.get("use_attn_scale") is False:
        raise ConfigError("use_attn_scale: expected True, scores divided by √d_head")


def _check_zhong(said: Said) -> None:
    for name, fitting, why in (
        ("attn_coeff", 1, "the attention rate; 1 is the transformer, less is linear"),
        ("eqn_sign", 1, "= as third token; without it the network is read at b"),
        ("diff_vocab", 0, "one embedding for both operands"),
    ):
        if name not in said:
            raise ConfigError(
                f"{name}: is not said; expected {fitting} ({why}) in config_….json "
                "beside model_….pt"
            )
        if said[name] != fitting:
            raise ConfigError(
                f"{name}: expected {fitting} ({why}); got {said[name]!r}, which is "
                "another architecture than those of grokdash"
            )


def fields_said(said: Said, layout: Layout) -> dict[str, Any]:
    """Give the fields of a configuration of ours that another project's says."""
    if MADE_BY in said:
        return {name: said[name] for name in RunConfig.model_fields if name in said}
    found = {
        ours: value
        for ours, names in _HYPERPARAMETERS.items()
        if (value := first_of(said, names, (int, float))) is not None
    }
    named = first_of(said, ("act_type", "act_fn"), str)
    if named is not None:
        if named.lower() not in _ACTIVATIONS:
            raise ConfigError(
                f"activation: expected relu or gelu (the exact one); got {named!r}"
            )
        found["activation"] = _ACTIVATIONS[named.lower()]
    bidirectional = said.get("attention_dir") == "bidirectional"
    if layout is ZHONG or bidirectional:
        found["causal_mask"] = False
    if (operation := said.get("fn_name")) in _OPERATIONS:
        found["operation"] = _OPERATIONS[operation]
    return found


def split_said(said: Said, layout: Layout) -> tuple[Generator, int, float] | None:
    """Give generator, seed and fraction of the split where a project fixes them."""
    if {MADE_BY, "train_fraction", *_OF_SPLIT} <= {*said}:
        return said["split_rng"], said["split_seed"], said["train_fraction"]
    generators: dict[str, Generator] = {NANDA.name: "python", CHUGHTAI.name: "torch"}
    seed = first_of(said, ("seed",), int)
    fraction = first_of(said, ("frac_train",), (int, float))
    if layout.name not in generators or seed is None or fraction is None:
        return None
    if layout is CHUGHTAI and seed == 0:
        return None  # they do not shuffle then
    return generators[layout.name], seed, float(fraction)
