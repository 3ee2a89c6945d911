"""Article 1's generator by Keras: loss and gradients of mean cross-entropy + 0.01 * sum of |logits|.

    python lib/articles/_reference/article_one.py

writes article_one.json beside this file (needs keras, jax and numpy). Embedding -> GRU (reset after,
sigmoid gates, Keras's defaults) -> Dense, at small sizes, in double precision by JAX. Names and layout
are ours: gates in the order reset, update, candidate (Keras has update first), rows time-major.
"""

import json
import os
import platform
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp
import keras
import numpy

keras.config.set_floatx("float64")
keras.utils.set_random_seed(1)
time, batch, vocabulary, embedding, hidden = 5, 3, 7, 4, 6
strength = 0.01
model = keras.Sequential([
    keras.Input((time,), dtype="int32"),
    keras.layers.Embedding(vocabulary, embedding),
    keras.layers.GRU(hidden, return_sequences=True, recurrent_initializer="glorot_uniform"),
    keras.layers.Dense(vocabulary),
])
generator = numpy.random.default_rng(1)
inputs = generator.integers(0, vocabulary, (batch, time))
targets = generator.integers(0, vocabulary, (batch, time))
weights = [
    numpy.float32(generator.normal(0, 0.5, variable.shape)).astype(float)
    for variable in model.trainable_variables
]


def losses(values):
    logits, _ = model.stateless_call(values, [v.value for v in model.non_trainable_variables], inputs)
    chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), targets[..., None], -1)
    return -chosen.mean(), strength * jnp.abs(logits).sum()


def ours(values):
    def reordered(array):
        update, reset, candidate = numpy.split(numpy.asarray(array), 3, axis=-1)
        return numpy.concatenate([reset, update, candidate], axis=-1)

    table, kernel, recurrent, biases, output, output_bias = map(numpy.asarray, values)
    named = {
        "embedding/table": table,
        "gru0/kernel": reordered(kernel),
        "gru0/recurrentKernel": reordered(recurrent),
        "gru0/bias": reordered(biases[0]),
        "gru0/recurrentBias": reordered(biases[1]),
        "output/kernel": output,
        "output/bias": output_bias,
    }
    return {name: [float(f"{v:.9g}") for v in a.flatten()] for name, a in named.items()}


values = [jnp.asarray(w) for w in weights]
entropy, term = losses(values)
gradients = jax.grad(lambda values: sum(losses(values)))(values)
Path(__file__).with_suffix(".json").write_text(json.dumps({
    "generator": "lib/articles/_reference/article_one.py",
    "versions": {
        "python": platform.python_version(),
        "keras": keras.__version__,
        "jax": jax.__version__,
    },
    "sizes": {
        "time": time, "batch": batch, "vocabulary": vocabulary, "embedding": embedding, "hidden": hidden,
    },
    "inputs": inputs.T.flatten().tolist(),
    "targets": targets.T.flatten().tolist(),
    "weights": ours(weights),
    "crossEntropy": float(entropy),
    "term": float(term),
    "gradients": ours(gradients),
}) + "\n")
