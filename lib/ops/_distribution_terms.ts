import * as tf from "@tensorflow/tfjs";
import { addedSlopes, type Reading } from "./_soft_targets.ts";

/** Targets of some rows besides their own, such as the tokens that come later in the text. */
export interface LaterTargets {
  /** Token id a row; not read where its weight is 0. */
  readonly targets: Int32Array;
  /** What multiplies −ln p of each row's target in the loss. */
  readonly weights: Float32Array;
}

/** Terms that read the probabilities p = softmax(l) of rows of logits l. */
export interface DistributionTerms {
  /** β of −β times the mean entropy of p over the counted rows; 0 when left out. */
  readonly confidencePenalty?: number;
  /**
   * α of α/2 times the mean of KL(p ‖ q) + KL(q ‖ p), where rows 2i and 2i + 1 are two passes over one
   * position, of one target and one weight; 0 when left out.
   */
  readonly rDrop?: number;
  /** Further targets of rows, each a sum over rows of weight · −ln p; none when left out. */
  readonly laterTargets?: readonly LaterTargets[];
}

/** Rows of logits and which of them count. */
interface DistributionRows extends DistributionTerms {
  /** `[count × vocabulary]`. */
  readonly logits: Float32Array<ArrayBufferLike>;
  readonly vocabulary: number;
  /** How many rows. */
  readonly count: number;
  /** Weight of each row; ones when left out. */
  readonly mask?: Float32Array;
  /** Sum of the weights of all rows, also of those not given here. */
  readonly counted: number;
}

/** Whether there is any such term. */
export function hasDistributionTerms(
  { confidencePenalty = 0, rDrop = 0, laterTargets = [] }: DistributionTerms,
): boolean {
  return confidencePenalty !== 0 || rDrop !== 0 || laterTargets.length > 0;
}

/** The further targets of some rows. */
export function laterTargetsOfRows(
  laterTargets: readonly LaterTargets[] | undefined,
  first: number,
  count: number,
): LaterTargets[] | undefined {
  return laterTargets?.map(({ targets, weights }) => ({
    targets: targets.subarray(first, first + count),
    weights: weights.subarray(first, first + count),
  }));
}

/** Refuses further targets that are not one a row, and pairs of rows where they are odd. */
export function checkDistributionTerms(
  subject: string,
  { rDrop = 0, laterTargets = [] }: DistributionTerms,
  rows: number,
): void {
  if (rDrop !== 0 && rows % 2 !== 0) {
    throw new RangeError(`${subject}: rDrop needs rows in pairs, found ${rows} rows.`);
  }
  for (const { targets, weights } of laterTargets) {
    if (targets.length === rows && weights.length === rows) continue;
    throw new RangeError(
      `${subject}: laterTargets must have a target and a weight for each of ${rows} rows, found ` +
        `${targets.length} and ${weights.length}.`,
    );
  }
}

/**
 * Reads all terms in double precision. With m_i the weight of a row, M the sum of all, p = softmax(l) and
 * H = −Σ p ln p, they are and have by a logit l_v of row i the derivatives
 * - −β m_i/M · H, β m_i/M · p_v (ln p_v + H);
 * - α m_i/M · (KL(p ‖ q) + KL(q ‖ p)) of two rows p and q, α m_i/M · (p_v (ln p_v − ln q_v − KL(p ‖ q))
 *   + p_v − q_v), and the same with p and q exchanged;
 * - −c_i ln p_target, c_i (p_v − 1 where v is the target).
 */
export function readDistributionTerms(rows: DistributionRows, gradientWanted: boolean): Reading {
  const { logits, vocabulary, count, mask, counted } = rows;
  const { confidencePenalty = 0, rDrop = 0, laterTargets = [] } = rows;
  const slopes = gradientWanted ? new Float32Array(count * vocabulary) : null;
  const distributions = [distributionOf(vocabulary), distributionOf(vocabulary)];
  let value = 0;
  for (let row = 0; row < count; row++) {
    const weight = (mask === undefined ? 1 : mask[row]) / counted;
    const start = row * vocabulary;
    const own = distributions[row % 2];
    readDistribution(logits, start, own);
    const slopesOfRow = slopes && slopes.subarray(start, start + vocabulary);
    if (confidencePenalty !== 0) {
      value += readEntropy(own, weight * confidencePenalty, slopesOfRow);
    }
    for (const { targets, weights } of laterTargets) {
      value += readTarget(own, targets[row], weights[row], slopesOfRow);
    }
    if (rDrop === 0 || row % 2 === 0) continue;
    const both = slopes && slopes.subarray(start - vocabulary, start + vocabulary);
    value += readDivergence(distributions[0], own, weight * rDrop, both);
  }
  return addedSlopes(value, slopes, vocabulary);
}

/** p of a row and ln p. */
interface Distribution {
  readonly probabilities: Float64Array;
  readonly logarithms: Float64Array;
}

function distributionOf(vocabulary: number): Distribution {
  return {
    probabilities: new Float64Array(vocabulary),
    logarithms: new Float64Array(vocabulary),
  };
}

/** −strength · H, whose slopes are added. */
function readEntropy(
  { probabilities, logarithms }: Distribution,
  strength: number,
  slopes: Float32Array | null,
): number {
  if (strength === 0) return 0;
  let entropy = 0;
  for (let v = 0; v < logarithms.length; v++) entropy -= probabilities[v] * logarithms[v];
  if (slopes !== null) {
    for (let v = 0; v < logarithms.length; v++) {
      slopes[v] += strength * probabilities[v] * (logarithms[v] + entropy);
    }
  }
  return -strength * entropy;
}

/** −weight · ln p of a target, whose slopes are added. */
function readTarget(
  { probabilities, logarithms }: Distribution,
  target: number,
  weight: number,
  slopes: Float32Array | null,
): number {
  if (weight === 0) return 0;
  if (slopes !== null) {
    for (let v = 0; v < logarithms.length; v++) slopes[v] += weight * probabilities[v];
    slopes[target] -= weight;
  }
  return -weight * logarithms[target];
}

/** strength · (KL(p ‖ q) + KL(q ‖ p)), whose slopes are added, those of p before those of q. */
function readDivergence(
  { probabilities: p, logarithms: logP }: Distribution,
  { probabilities: q, logarithms: logQ }: Distribution,
  strength: number,
  slopes: Float32Array | null,
): number {
  if (strength === 0) return 0;
  const vocabulary = p.length;
  let forwards = 0, backwards = 0;
  for (let v = 0; v < vocabulary; v++) {
    const difference = logP[v] - logQ[v];
    forwards += p[v] * difference;
    backwards -= q[v] * difference;
  }
  if (slopes !== null) {
    for (let v = 0; v < vocabulary; v++) {
      const difference = logP[v] - logQ[v];
      slopes[v] += strength * (p[v] * (difference - forwards) + p[v] - q[v]);
      slopes[vocabulary + v] += strength * (q[v] * (-difference - backwards) + q[v] - p[v]);
    }
  }
  return strength * (forwards + backwards);
}

/** Softmax of the row that begins at `start`, and its logarithm. */
function readDistribution(
  logits: Float32Array<ArrayBufferLike>,
  start: number,
  { probabilities, logarithms }: Distribution,
): void {
  let largest = -Infinity;
  for (let v = 0; v < logarithms.length; v++) largest = Math.max(largest, logits[start + v]);
  let sum = 0;
  for (let v = 0; v < logarithms.length; v++) {
    sum += probabilities[v] = Math.exp(logits[start + v] - largest);
  }
  const shift = largest + Math.log(sum);
  for (let v = 0; v < logarithms.length; v++) {
    probabilities[v] /= sum;
    logarithms[v] = logits[start + v] - shift;
  }
}

/** {@link readDistributionTerms} in plain tfjs: what each row adds to its loss, and what all add to the mean. */
export function distributionTermsTwin(
  logits: tf.Tensor2D,
  { confidencePenalty = 0, rDrop = 0, laterTargets = [] }: DistributionTerms,
): { ofRows: tf.Tensor1D; added: tf.Scalar } {
  const [rows, vocabulary] = logits.shape;
  const logarithms = tf.logSoftmax(logits);
  let ofRows: tf.Tensor1D = tf.zeros([rows]);
  if (confidencePenalty !== 0) {
    const negative = tf.sum<tf.Tensor1D>(tf.mul(tf.exp(logarithms), logarithms), 1);
    ofRows = tf.add(ofRows, tf.mul(negative, confidencePenalty));
  }
  if (rDrop !== 0) {
    const pairs = tf.reshape(logarithms, [rows / 2, 2, vocabulary]) as tf.Tensor3D;
    const others = tf.reshape(tf.reverse(pairs, 1), logits.shape) as tf.Tensor2D;
    const both = tf.mul(
      tf.sub(tf.exp(logarithms), tf.exp(others)),
      tf.sub(logarithms, others),
    );
    ofRows = tf.add(ofRows, tf.mul(tf.sum<tf.Tensor1D>(both, 1), rDrop / 2));
  }
  let added = tf.scalar(0);
  for (const { targets, weights } of laterTargets) {
    const chosen = tf.oneHot(tf.tensor1d(targets, "int32"), vocabulary).toFloat();
    const ofTargets = tf.sum(tf.mul(chosen, logarithms), 1);
    added = tf.sub(added, tf.sum(tf.mul(ofTargets, tf.tensor1d(weights))));
  }
  return { ofRows, added };
}
