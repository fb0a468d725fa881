"""One run's whole configuration: fields, defaults, validation, presets, run id.

A field has its type, unit, default and description here and nowhere else: the command
line, the TOML file, the form in the app and the JSON schema are made from this model.
What does not change the numbers of a run (store, progress bar, device) is no field.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from grokdash.errors import ConfigError
from grokdash.mistakes import told
from grokdash.operations import OPERATIONS, Operation, get_operation, is_prime
from grokdash.written import number

MAX_P = 1009
"""Largest modulus: seven copies of its p³ logits are 29 GB while they are measured."""

MOST_EPOCHS = 10_000_000

_CAME_LATER = {"twin": 0, "attention_bias": False, "unembedding_bias": False}
"""Fields added since the first runs, with the value that means their absence."""


class RunConfig(BaseModel):
    """Everything that decides what a run computes and stores."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    operation: str = Field("add", description="rule a ∘ b mod p the network learns")
    p: int = Field(113, ge=2, le=MAX_P, description="modulus; tokens are 0 … p−1 and =")
    train_fraction: float = Field(
        0.3, gt=0, lt=1, description="share of all pairs that are trained on"
    )
    seed: int = Field(0, ge=0, lt=2**63, description="seed of the initial weights")
    split_seed: int = Field(
        0, ge=0, lt=2**32, description="seed of the split into train and test pairs"
    )
    split_rng: Literal["python", "numpy"] = Field(
        "python",
        description="generator that shuffles the pairs: Python's random.shuffle "
        "(Nanda et al.) or NumPy's RandomState.permutation",
    )

    n_layers: int = Field(1, ge=1, le=3, description="transformer blocks")
    n_heads: int = Field(4, ge=1, le=64, description="attention heads per block")
    d_model: int = Field(128, ge=2, le=2048, description="width of the residual stream")
    d_mlp: int = Field(512, ge=1, le=8192, description="neurons per block")
    activation: Literal["relu", "gelu"] = Field("relu", description="MLP activation")
    mlp_bias: bool = Field(default=True, description="train b_in and b_out")
    attention_bias: bool = Field(
        default=False, description="attention has b_Q, b_K, b_V and b_O"
    )
    unembedding_bias: bool = Field(default=False, description="logits have b_U")
    layer_norm: bool = Field(
        default=False, description="LayerNorm after each residual addition"
    )
    causal_mask: bool = Field(
        default=True, description="a position attends to itself and earlier ones only"
    )
    tied_unembedding: bool = Field(
        default=False, description="W_U is the transpose of W_E"
    )
    equals_class: bool = Field(
        default=True,
        description="= is an output class too (Nanda et al.: p + 1 classes)",
    )
    init: Literal["nanda", "seed"] = Field(
        "nanda",
        description="initial standard deviations: 1/√d_model with W_U 1/√(p+1) "
        "(Nanda et al.), or 0.8/√d_model with Xavier attention (the earlier project)",
    )
    twin: int = Field(
        0,
        ge=0,
        description="rounding twin: n > 0 moves the n-th initial number of W_E to its "
        "float32 neighbour towards 0, so that nothing but rounding differs",
    )

    optimizer: Literal["adamw", "adam"] = Field(
        "adamw", description="adamw decays weights apart from the gradient"
    )
    lr: float = Field(1e-3, gt=0, le=1, description="learning rate after warm-up")
    weight_decay: float = Field(1.0, ge=0, le=1000, description="decay on all weights")
    beta1: float = Field(0.9, ge=0, lt=1, description="Adam's first decay rate")
    beta2: float = Field(0.98, ge=0, lt=1, description="Adam's second decay rate")
    eps: float = Field(1e-8, gt=0, le=1, description="Adam's ε")
    warmup: int = Field(
        10,
        ge=0,
        description="epochs of linear warm-up; the first has rate 0",
        json_schema_extra={"unit": "epochs"},
    )
    loss_dtype: Literal["float64", "float32"] = Field(
        "float64",
        description="precision of the training cross-entropy; every stored loss is "
        "float64 whatever this says",
    )
    epochs: int = Field(
        40_000,
        ge=1,
        le=MOST_EPOCHS,
        description="full-batch updates to make",
        json_schema_extra={"unit": "epochs"},
    )

    checkpoint_every: int = Field(
        100,
        ge=1,
        description="epochs between checkpoints after the dense start",
        json_schema_extra={"unit": "epochs"},
    )
    dense_every: int = Field(
        10,
        ge=1,
        description="epochs between checkpoints in the dense start",
        json_schema_extra={"unit": "epochs"},
    )
    dense_until: int = Field(
        1500,
        ge=0,
        description="last epoch of the dense start",
        json_schema_extra={"unit": "epochs"},
    )
    grids: int = Field(
        64,
        ge=0,
        description="checkpoints that also store activation grids",
        json_schema_extra={"unit": "checkpoints"},
    )

    @model_validator(mode="after")
    def _check_together(self) -> "RunConfig":
        operation = get_operation(self.operation)
        if operation.needs_prime and not is_prime(self.p):
            raise ValueError(
                f"p: {operation.name} needs a prime modulus; got {self.p}; "
                f"try {next_prime(self.p)}"
            )
        if self.p < operation.smallest_p:
            raise ValueError(
                f"p: {operation.name} needs a modulus of at least "
                f"{operation.smallest_p}; got {self.p}, where 1 is the only token "
                f"besides 0: a group of one element has no frequency to look at; "
                f"try {operation.smallest_p}"
            )
        if self.d_model % self.n_heads:
            fitting = [n for n in range(1, 65) if self.d_model % n == 0]
            raise ValueError(
                f"n_heads: must divide d_model = {self.d_model}; got {self.n_heads}; "
                f"choose one of {', '.join(map(str, fitting))}"
            )
        if self.twin > (self.p + 1) * self.d_model:
            raise ValueError(
                f"twin: expected at most {(self.p + 1) * self.d_model}, the size of "
                f"W_E; got {self.twin}"
            )
        n_pairs = len(operation.pairs(self.p))
        if not 0 < self.n_train < n_pairs:
            raise ValueError(
                f"train_fraction: {self.train_fraction} of {n_pairs} pairs leaves "
                f"{self.n_train} to train and {n_pairs - self.n_train} to test on; "
                f"both must be at least 1; try 0.5"
            )
        return self

    @property
    def rule(self) -> Operation:
        """The operation as a value."""
        return get_operation(self.operation)

    @property
    def n_train(self) -> int:
        """Number of training pairs."""
        return int(self.train_fraction * len(self.rule.pairs(self.p)))

    @property
    def d_head(self) -> int:
        """Width of one attention head."""
        return self.d_model // self.n_heads

    @property
    def n_classes(self) -> int:
        """Columns of W_U: p, or p + 1 when = is a class too."""
        return self.p + 1 if self.equals_class else self.p

    def canonical_json(self) -> str:
        """Give the same text for the same configuration on every machine.

        Fields that came later are left out at the value that stands for what was done
        before there was such a field, so that no run changes its name.
        """
        values = self.model_dump()
        for name, before in _CAME_LATER.items():
            if values[name] == before:
                del values[name]
        return json.dumps(values, sort_keys=True, separators=(",", ":"))

    def hash(self) -> str:
        """Give 8 hexadecimal digits that identify the whole configuration."""
        return hashlib.sha256(self.canonical_json().encode()).hexdigest()[:8]

    @property
    def title(self) -> str:
        """Say in a few words what a run of this configuration is."""
        return run_title(self.operation, self.p, self.weight_decay, self.seed)

    def run_id(self) -> str:
        """Give a readable prefix and the hash of the whole configuration."""
        return (
            f"{self.operation.replace('_', '-')}-p{self.p}-wd{self.weight_decay:g}"
            f"-s{self.seed}-{self.hash()}"
        )


def run_title(operation: str, p: int, weight_decay: float, seed: int) -> str:
    """Name a run that nobody has given a name: by these of its settings."""
    return (
        f"{OPERATIONS[operation].title} mod {p}, weight decay "
        f"{number(weight_decay)}, seed {seed}"
    )


def next_prime(n: int) -> int:
    """Give the smallest prime above n."""
    n += 1
    while not is_prime(n):
        n += 1
    return n


PRESETS: dict[str, dict[str, Any]] = {
    "nanda": {},
    "quick": {
        "p": 59,
        "train_fraction": 0.45,
        "d_mlp": 128,
        "weight_decay": 2.0,
        "epochs": 2_500,
        "checkpoint_every": 10,
        "dense_every": 5,
        "dense_until": 500,
        "grids": 100,
    },
    "seed": {
        "split_rng": "numpy",
        "seed": 42,
        "split_seed": 42,
        "causal_mask": False,
        "equals_class": False,
        "init": "seed",
        "beta2": 0.999,
        "warmup": 0,
        "loss_dtype": "float32",
    },
}
"""What each preset changes of the defaults; ``nanda`` is the defaults."""


def make_config(
    preset: str = "nanda", *layers: Mapping[str, Any], **fields: Any
) -> RunConfig:
    """Build a configuration: preset, then each mapping, then the keywords.

    Raises
    ------
    ConfigError
        Naming every field that is wrong, its value and what was expected.
    """
    if preset not in PRESETS:
        raise ConfigError(
            f"preset: expected one of {', '.join(PRESETS)}; got {preset!r}"
        )
    values: dict[str, Any] = dict(PRESETS[preset])
    for layer in (*layers, fields):
        values.update(layer)
    return validate_config(values)


def validate_config(values: Mapping[str, Any], *, strict: bool = False) -> RunConfig:
    """Check plain values (from TOML, JSON or a form) and build the configuration.

    ``strict``: a text is no number, as it may be in a form.

    Raises
    ------
    ConfigError
        Naming every field that is wrong, its value and what was expected.
    """
    found, wrong = check_fields(values, strict=strict)
    if found is None:
        raise ConfigError("\n".join(wrong.values()))
    return found


def check_fields(
    values: Mapping[str, Any], *, strict: bool = False
) -> tuple[RunConfig | None, dict[str, str]]:
    """Check plain values one by one: a configuration, or what is wrong by field.

    Values may be text, as a form sends them: "0.3" is a number, "true" a choice; unless
    ``strict``, as files of ours are read.
    """
    try:
        return RunConfig.model_validate(dict(values), strict=strict), {}
    except ValidationError as error:
        lines = map(_one_line, error.errors())
        return None, {line.partition(":")[0]: line for line in lines}


def with_split_seed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Let a seed that is given set the split too, unless that has its own."""
    given = dict(fields)
    if "seed" in given:
        given.setdefault("split_seed", given["seed"])
    return given


def as_options(config: RunConfig, preset: str) -> list[str]:
    """Write a configuration as options of ``grokdash train``."""
    words = ["--preset", preset]
    base = make_config(preset)
    changed = {
        n for n in type(config).model_fields if getattr(config, n) != getattr(base, n)
    }
    if changed & {"seed", "split_seed"}:
        changed |= {"seed", "split_seed"}  # the first alone would set the other too
    for name, value in config.model_dump().items():
        if name not in changed:
            continue
        flag = name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{flag}" if value else f"--no-{flag}")
        else:
            words += [f"--{flag}", str(value)]
    return words


def _one_line(error: Any) -> str:
    field = ".".join(str(part)[:80] for part in error["loc"])
    if error["type"] == "extra_forbidden":
        fields = ", ".join(RunConfig.model_fields)
        return f"{field}: unknown field; the fields are {fields}"
    if not field:
        return error["msg"].removeprefix("Value error, ")
    return told(error)
