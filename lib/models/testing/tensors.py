"""Writes safetensors files with Python's package, for ours to read.

    python lib/models/testing/tensors.py < {"folder": …} > answers.json

In the folder: model.safetensors of half-precision and single-precision tensors, and in `sharded` the same
in two shards with an index. The answer holds, by name, the shape and the bits of the numbers as
single-precision ones.
"""

import json
import pathlib
import sys

import numpy
from safetensors import TensorSpec, serialize_file
from safetensors.numpy import save_file

draw = numpy.random.default_rng(1)
shapes = {"a.weight": (3, 5), "b.weight": (7,), "empty": (0, 4)}
special = numpy.array([0, -0.0, 65504, 6e-8, -1, 1 / 3, 6.1e-5], dtype=numpy.float32)


def single(shape):
    return draw.standard_normal(shape).astype(numpy.float32)


def main():
    folder = pathlib.Path(json.load(sys.stdin)["folder"])
    half = {name: single(shape).astype(numpy.float16) for name, shape in shapes.items()}
    half["b.weight"] = special.astype(numpy.float16)
    # numpy has no brain floats: the upper halves of single-precision numbers.
    brain = {name: single(shape) for name, shape in shapes.items()}
    brain["b.weight"] = special
    upper = {name: (value.view(numpy.uint32) >> 16).astype(numpy.uint16) for name, value in brain.items()}
    plain = {name: single(shape) for name, shape in shapes.items()}
    files = {
        "half": ("float16", half, {name: value.astype(numpy.float32) for name, value in half.items()}),
        "brain": (
            "bfloat16",
            upper,
            {name: (value.astype(numpy.uint32) << 16).view(numpy.float32) for name, value in upper.items()},
        ),
        "single": ("float32", plain, plain),
    }
    answers = {}
    together = {}
    for file, (kind, values, expected) in files.items():
        for name, value in values.items():
            together[f"{file}.{name}"] = TensorSpec(
                dtype=kind,
                shape=value.shape,
                data_ptr=value.ctypes.data,
                data_len=value.nbytes,
            )
            bits = expected[name].reshape(-1).view(numpy.uint32).tolist()
            answers[f"{file}.{name}"] = {"shape": list(value.shape), "bits": bits}
    serialize_file(together, folder / "model.safetensors", {"format": "np"})
    sharded = folder / "sharded"
    sharded.mkdir()
    for each in (folder, sharded):
        (each / "config.json").write_text('{"model_type": "some"}')
    names = [list(half), list(plain)]
    index = {}
    for number, (file, part) in enumerate((("half", half), ("single", plain)), start=1):
        shard = f"model-0000{number}-of-00002.safetensors"
        save_file({f"{file}.{name}": part[name] for name in names[number - 1]}, sharded / shard)
        index.update({f"{file}.{name}": shard for name in part})
    (sharded / "model.safetensors.index.json").write_text(
        json.dumps({"metadata": {"total_size": 1}, "weight_map": index})
    )
    print(json.dumps(answers))


main()
