"""Keras's example lstm_seq2seq on the pairs of tatoeba-eng-fra-10k, with RMSprop as Keras's optimizer_v2
had it without momentum: epsilon outside of the root.

Usage: python keras_lstm_seq2seq.py fra-eng.10k.tsv EPOCHS SEED > keras_lstm_seq2seq.json
Needs keras and tensorflow-cpu.
"""
import json
import os
import sys

os.environ["TF_NUM_INTRAOP_THREADS"] = "1"
os.environ["TF_NUM_INTEROP_THREADS"] = "1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow


class RMSprop2020(keras.optimizers.RMSprop):
    """RMSprop with epsilon outside of the root; no momentum, not centered."""

    def update_step(self, gradient, variable, learning_rate):
        ops = keras.ops
        rate = ops.cast(learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        velocity = self._velocities[self._get_variable_index(variable)]
        self.assign(velocity, self.rho * velocity + (1 - self.rho) * ops.square(gradient))
        self.assign_sub(variable, rate * gradient / (ops.sqrt(velocity) + self.epsilon))


path, epochs, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
keras.utils.set_random_seed(seed)
with open(path, encoding="utf-8") as file:
    pairs = [line.rstrip("\n").split("\t")[:2] for line in file][:10000]
sources = [source for source, _ in pairs]
targets = ["\t" + target + "\n" for _, target in pairs]
source_index = {c: i for i, c in enumerate(sorted(set("".join(sources))))}
target_index = {c: i for i, c in enumerate(sorted(set("".join(targets))))}
longest_source, longest_target = max(map(len, sources)), max(map(len, targets))

encoder_input = np.zeros((len(pairs), longest_source, len(source_index)), "float32")
decoder_input = np.zeros((len(pairs), longest_target, len(target_index)), "float32")
decoder_target = np.zeros_like(decoder_input)
for row, (source, target) in enumerate(zip(sources, targets)):
    for t, c in enumerate(source):
        encoder_input[row, t, source_index[c]] = 1
    encoder_input[row, len(source):, source_index[" "]] = 1
    for t, c in enumerate(target):
        decoder_input[row, t, target_index[c]] = 1
        if t > 0:
            decoder_target[row, t - 1, target_index[c]] = 1
    decoder_input[row, len(target):, target_index[" "]] = 1
    decoder_target[row, len(target) - 1:, target_index[" "]] = 1

encoder = keras.Input((None, len(source_index)))
_, hidden, cell = keras.layers.LSTM(256, return_state=True)(encoder)
decoder = keras.Input((None, len(target_index)))
states, _, _ = keras.layers.LSTM(256, return_sequences=True, return_state=True)(
    decoder, initial_state=[hidden, cell]
)
output = keras.layers.Dense(len(target_index), activation="softmax")(states)
model = keras.Model([encoder, decoder], output)
model.compile(optimizer=RMSprop2020(), loss="categorical_crossentropy")
history = model.fit(
    [encoder_input, decoder_input],
    decoder_target,
    batch_size=64,
    epochs=epochs,
    validation_split=0.2,
    verbose=0,
    callbacks=[
        keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: print(epoch + 1, logs, file=sys.stderr, flush=True)
        )
    ],
).history
print(
    json.dumps(
        {
            "keras": keras.__version__,
            "tensorflow": tensorflow.__version__,
            "seed": seed,
            "sizes": [len(pairs), len(source_index), len(target_index), longest_source, longest_target],
            "trainingLoss": history["loss"],
            "validationLoss": history["val_loss"],
        },
        indent=1,
    )
)
