// The numbers of the engine `wasm`, as stored with numericsVersion 2. If golden_test.ts fails although no
// number was meant to change, something broke; if one was, raise numericsVersion and store again
// (`deno run --allow-env lib/training/testing/golden.ts [relaxed]` prints the digests).
export const stored = {
  numericsVersion: 2,
  digests: {
    gru: "d1263d158dce19c341a012a0117c555132ceb7e6953bdc284c38fb4cca7de7ba",
    lstm: "18b6fbc4e6bcbfbd826ca6e09777f75c069e070c0f5d6591d30b8686518c42f7",
    rnn: "5b4ec3958efc4890fd447ebdaf13dc32770eb0f1e51594627adf7b92bb0a387b",
    transformer: "5f02480a2cf74ec3506c4b3a1f5434148bc8023fc01632a0692cc5ac2796e631",
    llama: "24ee904784c1c447e855ced347c15af601a35c4b71af14780af2ed517104b10c",
    sequenceToSequence: "91fe7b48ec8f43e85260dac3f8f46741f8f956844147c23f4a6be0d205f7f8bb",
  },
  // Of the engine `relaxed` where the CPU multiplies and adds at once.
  fused: {
    gru: "20223f3842be99330eb5afea4d8f74813cfeef55632e636f20c4af4af872eb7b",
    lstm: "ec88884d374c5252c6775827a9a4cae96ce02119e8c286833c61d775169447da",
    rnn: "76ad61e64fd5db6e67e420eb9fec9f5f4e7639daa095bd6d9b306929d1b2cedc",
    transformer: "f102a36a163dc847b4eb114719a581adb71a7b13be5ecd2e11a409f369753ba3",
    llama: "92132ebfd783cee09b96952824741a040ce21f218d705757a64b46fed4fc3591",
    sequenceToSequence: "3e6b634b6548bcd1fef0d29c23d94109ad16e088d3a1b1e421bfade377e2a389",
  },
};

/** The stored digests of an engine, by its id. */
export function digestsOf(id: string): { readonly [model: string]: string } {
  return id === "relaxed/fused" ? stored.fused : stored.digests;
}
