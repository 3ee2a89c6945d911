import * as tf from "@tensorflow/tfjs";
import { checkInteger, checkKeys, checkOneOf, show } from "../core/check.ts";
import { longestText } from "../core/limits.ts";
import type { CallOwn } from "../core/own_module.ts";
import type { RandomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import { crossEntropy } from "../ops/cross_entropy.ts";
import type { LossTerms } from "../penalties/loss_terms.ts";
import { parameterKinds } from "../penalties/penalty.ts";
import { type ModelContext, parameterMaker } from "./_parameters.ts";
import { alternateRows } from "../ops/alternate_rows.ts";
import { passesOver, targetsOfPasses } from "./_training_loss.ts";
import { validateInitializer, zeros } from "./initializers.ts";
import { continuedRows } from "./_continued_rows.ts";
import type { Decoder, LanguageModel } from "./model.ts";
import type { OwnParameter, OwnParameters } from "./define_model.ts";
import type { OwnModelSpecification } from "./own_model.ts";

/**
 * Builds a model of the user's own, and tries it once: shapes, finite values, the same bits twice, no
 * look ahead, no tensor left.
 *
 * @param specification From {@link ownModel}, with its options complete.
 * @param context Vocabulary size, seed, fold, and the definition.
 */
export function createOwnModel(
  specification: OwnModelSpecification,
  context: ModelContext,
): LanguageModel {
  const { vocabularySize, own } = context;
  if (own === undefined) throw new Error(`The module ${specification.module} was not loaded.`);
  const { definition, call } = own;
  const { options } = specification;
  // It is tried, which zeros may not do.
  const { parameters, parameter } = parameterMaker({ ...context, undrawn: false });
  const described: OwnParameters = call(
    "its parameters",
    () => definition.parameters({ vocabularySize, options }),
  );
  const tensors: Record<string, tf.Variable> = {};
  for (const [fullName, given] of Object.entries(described)) {
    const { kind, shape, initializer } = checkParameter(fullName, given, call);
    const [layer, name] = fullName.split("/");
    tensors[fullName] = parameter(layer, name, kind, [...shape] as never, initializer);
  }
  const dispose = () => parameters.forEach(({ variable }) => variable.dispose());
  const positions = call("its context length", () => definition.contextLength?.(options));
  const contextLength = positions === undefined
    ? Infinity
    : checkInteger("contextLength", positions, { from: 1, to: longestText });

  function logits(
    tokens: Int32Array,
    { time, batch }: { readonly time: number; readonly batch: number },
    dropout: RandomStream | null,
  ): tf.Tensor2D {
    return call("its logits", () => {
      const found = tf.tidy(() =>
        definition.logits({
          parameters: tensors as never,
          tokens,
          time,
          batch,
          vocabularySize,
          options,
          dropout,
        })
      );
      checkLogits(found, [time * batch, vocabularySize]);
      return found;
    });
  }

  function decoder(): Decoder {
    let history: Int32Array[] = [];
    return {
      next(tokens, from) {
        history = [...continuedRows(history, from), Int32Array.from(tokens)].slice(-contextLength);
        const [time, batch] = [history.length, tokens.length];
        const window = new Int32Array(time * batch);
        history.forEach((step, position) => window.set(step, position * batch));
        return tf.tidy(() =>
          Float32Array.from(
            logits(window, { time, batch }, null).dataSync().slice(
              (time - 1) * batch *
                vocabularySize,
            ),
          )
        );
      },
      read(tokens) {
        history = [...history, Int32Array.from(tokens)].slice(-contextLength);
      },
      dispose() {},
    };
  }

  try {
    const time = Math.min(4, contextLength);
    call("its logits", () => tryOut(time, vocabularySize, logits));
  } catch (error) {
    dispose();
    throw error;
  }
  const model = {
    vocabularySize,
    parameters,
    // Terms that read outputs of a last layer are refused with the specification.
    loss(given: Batch, stream: RandomStream | null, terms?: LossTerms | null) {
      const passes = passesOver(given, stream, terms, ({ inputs, ...sizes }) => {
        const read = () => logits(inputs, sizes, stream);
        return terms?.rDrop && stream ? drawing(specification.module, stream, read) : read();
      });
      return crossEntropy({
        logits: alternateRows(passes),
        ...targetsOfPasses(passes.length, terms, vocabularySize, given),
      });
    },
    logits: ({ inputs, ...sizes }: Batch) => logits(inputs, sizes, null),
    decoder,
    dispose,
  };
  return model;
}

/** A pass of R-Drop, which is refused where it draws no masks. */
function drawing<T>(module: string, stream: RandomStream, pass: () => T): T {
  const before = String(stream.state().generator);
  const result = pass();
  if (String(stream.state().generator) !== before) return result;
  throw new RangeError(
    `Cannot combine ${module} and rDrop: its logits draw nothing from the stream \`dropout\`, so that ` +
      `both passes of a step would be the same.`,
  );
}

function checkParameter(
  name: string,
  given: OwnParameter,
  call: CallOwn,
): Required<OwnParameter> {
  return call("its parameters", () => {
    const subject = `parameter ${show(name)}`;
    if (!/^[^/]+\/[^/]+$/.test(name)) {
      throw new RangeError(`${subject} must be named layer/name, such as "output/kernel".`);
    }
    checkKeys(subject, given, ["kind", "shape", "initializer"]);
    checkOneOf(`${subject}: kind`, given.kind, parameterKinds);
    if (!Array.isArray(given.shape) || given.shape.length < 1 || given.shape.length > 4) {
      throw new TypeError(
        `${subject}: shape must be one to four extents, found ${show(given.shape)}.`,
      );
    }
    for (const extent of given.shape) {
      checkInteger(`${subject}: shape`, extent, { from: 1, to: longestText });
    }
    const size = given.shape.reduce((product, extent) => product * extent, 1);
    if (size > longestText) {
      throw new RangeError(
        `${subject}: shape must hold at most ${longestText} numbers, what fits into an engine's memory ` +
          `with its gradient, found ${show(given.shape)} with ${size}.`,
      );
    }
    const initializer = validateInitializer(
      `${subject}: initializer`,
      given.initializer ?? zeros(),
    );
    return { kind: given.kind, shape: given.shape, initializer };
  });
}

function checkLogits(found: tf.Tensor, wanted: readonly [number, number]): void {
  if (!(found instanceof tf.Tensor) || found.isDisposed) {
    throw new TypeError(
      `logits must return a tensor, found ${
        (found as tf.Tensor | undefined)?.isDisposed ? "one disposed" : show(found)
      }.`,
    );
  }
  if (found.shape.join() !== wanted.join() || found.dtype !== "float32") {
    throw new RangeError(
      `logits must return float32 [${wanted.join(", ")}] (time · batch, vocabularySize), ` +
        `found ${found.dtype} [${found.shape.join(", ")}].`,
    );
  }
}

/** Reads two small windows that differ in their last token only. */
function tryOut(
  time: number,
  vocabularySize: number,
  logits: (
    tokens: Int32Array,
    sizes: { time: number; batch: number },
    dropout: null,
  ) => tf.Tensor2D,
): void {
  const batch = 2;
  const tokens = Int32Array.from({ length: time * batch }, (_, i) => i % vocabularySize);
  const read = (tokens: Int32Array) => {
    const found = logits(tokens, { time, batch }, null);
    const values = Float32Array.from(found.dataSync());
    found.dispose();
    return values;
  };
  const first = read(tokens);
  if (!first.every(Number.isFinite)) {
    throw new RangeError("logits must be finite at the initial weights, found NaN or infinity.");
  }
  const before = tf.memory().numTensors;
  const second = read(tokens);
  const left = tf.memory().numTensors - before;
  if (left > 0) {
    throw new Error(`logits must leave no tensor behind, found ${left} kept after a second call.`);
  }
  if (second.some((value, index) => value !== first[index])) {
    throw new Error(
      "logits must give the same values for the same arguments, found others on a second call: " +
        "take randomness from `dropout` only.",
    );
  }
  const changed = Int32Array.from(tokens);
  for (let b = 0; b < batch; b++) {
    const last = (time - 1) * batch + b;
    changed[last] = (changed[last] + 1) % vocabularySize;
  }
  const earlier = (time - 1) * batch * vocabularySize;
  const third = read(changed);
  if (third.subarray(0, earlier).some((value, index) => value !== first[index])) {
    throw new RangeError(
      "logits of a position must not depend on later tokens, found that the last one changes " +
        "those before it.",
    );
  }
}
