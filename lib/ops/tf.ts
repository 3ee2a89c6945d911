import * as tensorflow from "@tensorflow/tfjs";

/** TensorFlow.js as the library itself loads it, for parts of the user's own. */
export const tf: typeof tensorflow = tensorflow;
