"""The model's file: plain arrays and JSON in one .npz, no pickle; written aside and renamed, refused when unfit.

Inside: `description` (JSON: format, versions, checksums, recipe, calibration, thresholds, training report), `bias`, for
each block its features (UTF-8, one a line), idf and weights, and the lemmas of known word forms.
"""

import hashlib
import io
import json
import os
import zipfile
import zlib
from dataclasses import dataclass
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.errors import ConfigError

FORMAT = 2
NAME = "model.npz"
LARGEST = 200_000_000  # bytes of one array once unpacked; more is no model of ours
_LIBRARIES = ("pymorphy3", "pymorphy3-dicts-ru")  # another dictionary gives other lemmas


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One kind of feature."""

    features: list[str]
    idf: NDArray[Any]
    weights: NDArray[Any]  # features × topics


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """All that a model computes with."""

    blocks: dict[str, Block]
    bias: NDArray[Any]
    lemmas: dict[str, str]  # of word forms, so that the dictionary need not be asked
    learned: frozenset[int]  # numbers of the letters learned from: none may be used to measure the model


def write(out: Path, description: dict[str, Any], parts: Parts) -> dict[str, Any]:
    """Writes the model into the folder `out`, returns its whole description. The old file stands until the rename."""
    arrays = _arrays(parts)
    whole = {
        "format": FORMAT,
        "sklearn": version("scikit-learn"),
        "numpy": np.__version__,
        **{name: version(name) for name in _LIBRARIES},
        **description,
        "arrays_sha256": _digest(arrays),
    }
    said = json.dumps(whole, ensure_ascii=False, sort_keys=True).encode()
    whole["version"] = f"{zlib.crc32(said):08x}"
    arrays["description"] = _bytes(json.dumps(whole, ensure_ascii=False, sort_keys=True))
    out.mkdir(parents=True, exist_ok=True)
    aside = out / f"{NAME}.part"
    with aside.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # arrays by name
        file.flush()
        os.fsync(file.fileno())
    aside.replace(out / NAME)
    return whole


def _arrays(parts: Parts) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {"bias": parts.bias.astype(np.float32)}
    for name, block in parts.blocks.items():
        arrays[f"{name}_features"] = _bytes("\n".join(block.features))
        arrays[f"{name}_idf"] = block.idf.astype(np.float32)
        arrays[f"{name}_weights"] = block.weights.astype(np.float16)
    arrays["learned"] = np.array(sorted(parts.learned), dtype=np.uint64)
    arrays["forms"] = _bytes("\n".join(f"{form}\t{lemma}" for form, lemma in sorted(parts.lemmas.items())))
    return arrays


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _text(array: NDArray[Any]) -> str:
    return array.astype(np.uint8).tobytes().decode()


def _digest(arrays: dict[str, NDArray[Any]]) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].dtype} {arrays[name].shape}".encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()


def shipped() -> Path:
    """The folder of the shipped model."""
    return Path(str(resources.files("classify").joinpath("model")))


def read(place: Path) -> tuple[dict[str, Any], Parts]:
    """The model in a folder; ConfigError with the remedy when it cannot be used."""
    arrays = _stored(place)
    description = _description(place, arrays.pop("description", None))
    if description["arrays_sha256"] != _digest(arrays):
        raise ConfigError(f"{place / NAME}: damaged: its arrays are not those it describes. Train it anew.")
    for name in _LIBRARIES:
        if description[name] != version(name):
            raise ConfigError(
                f"{place / NAME}: made with {name} {description[name]}, here is {version(name)}: lemmas may differ. "
                f"Train it anew: priemnaya train --corpus FOLDER --out {place}"
            )
    return description, _parts(arrays)


def topics(place: Path) -> tuple[str, ...]:
    """The labels of the model in a folder, without reading its arrays; ConfigError as of `read`."""
    return tuple(_description(place, _stored(place, only="description").get("description"))["topics"])


def _stored(place: Path, *, only: str | None = None) -> dict[str, NDArray[Any]]:
    try:
        raw = (place / NAME).read_bytes()
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            if any(one.file_size > LARGEST for one in packed.infolist()):
                raise ConfigError(f"{place / NAME}: an array of over {LARGEST} bytes is no model of ours.")
        with np.load(io.BytesIO(raw), allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files if only in (None, name)}
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ConfigError(
            f"{place}: no model can be read there ({type(error).__name__}). "
            f"Train one: priemnaya train --corpus FOLDER --out {place}"
        ) from error


def _description(place: Path, array: NDArray[Any] | None) -> dict[str, Any]:
    try:
        said = json.loads(_text(array)) if array is not None else {}
    except ValueError as error:
        raise ConfigError(f"{place / NAME}: its description is no JSON. Train it anew.") from error
    if said.get("format") != FORMAT:
        raise ConfigError(f"{place / NAME}: a model of format {said.get('format')}, not {FORMAT}. Train it anew.")
    return dict(said)


def _parts(arrays: dict[str, NDArray[Any]]) -> Parts:
    names = [name.removesuffix("_features") for name in arrays if name.endswith("_features")]
    return Parts(
        blocks={
            name: Block(
                features=_text(arrays[f"{name}_features"]).split("\n"),
                idf=arrays[f"{name}_idf"],
                weights=arrays[f"{name}_weights"].astype(np.float32),
            )
            for name in names
        },
        bias=arrays["bias"],
        learned=frozenset(arrays["learned"].tolist()),
        lemmas=dict(line.split("\t") for line in _text(arrays["forms"]).split("\n") if line),
    )
