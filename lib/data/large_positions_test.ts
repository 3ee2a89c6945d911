import assert from "node:assert/strict";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { sha256 } from "../core/hash.ts";
import { canonicalJson } from "../core/json.ts";
import { randomStream } from "../core/random.ts";
import { evaluationBatches, trainingBatches } from "./batches.ts";
import { checkFold } from "./check_fold.ts";
import { epochBatches } from "./epochs.ts";
import { withFirstBytes } from "./prepare_bytes.ts";
import { readStoredTokens, storedTokensVersion } from "./stored_tokens.ts";
import type { Tokens } from "./tokens.ts";

/** Of a text of 6 GB: its positions take 33 bits. */
const many = 6e9;

/** Tokens that nothing keeps: each is its place modulo a prime. */
function placed(length: number, documentEnds?: Float64Array): Tokens {
  return {
    length,
    ...(documentEnds && { documentEnds }),
    read(start, into) {
      for (let at = 0; at < into.length; at++) into[at] = (start + at) % 251;
    },
  };
}

Deno.test("windows are drawn from all positions of a text beyond 2^32", () => {
  for (const documents of ["across", "inside"] as const) {
    const starts: number[] = [];
    const span = placed(many, Float64Array.of(2e9, many));
    const noting: Tokens = {
      ...span,
      read(start, into) {
        starts.push(start);
        span.read(start, into);
      },
    };
    const stream = randomStream(1, "batches");
    const batches = trainingBatches([noting], {
      windowLength: 3,
      batchSize: 500,
      stream,
      documents,
    });
    const { inputs, targets } = batches.next();
    assert.equal(starts.length, 500);
    const far = starts.filter((start) => start > 2 ** 32).length / 500;
    // A share of 0.284 of the positions; 0.06 are three standard deviations.
    assert.ok(Math.abs(far - (1 - 2 ** 32 / many)) < 0.06, `${far}`);
    for (const [row, start] of starts.entries()) {
      for (let t = 0; t < 3; t++) {
        assert.equal(inputs[t * 500 + row], (start + t) % 251);
        assert.equal(targets[t * 500 + row], (start + t + 1) % 251);
      }
    }
  }
});

Deno.test("windows of epochs and of evaluations reach beyond 2^32", () => {
  // Few windows, each long: their order is held in memory.
  const windowLength = 1e5;
  const stream = randomStream(1, "batches");
  const batches = epochBatches([placed(many)], { windowLength, batchSize: 40, stream });
  const { inputs, targets } = batches.next();
  for (let at = 0; at < inputs.length; at++) assert.equal((inputs[at] + 1) % 251, targets[at]);
  const spaced = [...evaluationBatches([placed(many)], {
    ...{ windowLength: 1000, batchSize: 6, maximumTokens: 6000 },
  })];
  assert.equal(spaced.length, 1);
  const firsts = [...spaced[0].inputs.subarray(0, 6)];
  // Evenly over 6 million windows: the middle of each sixth.
  assert.deepEqual(firsts, firsts.map((_, row) => (Math.floor((row + 0.5) * 1e6) * 1000) % 251));
});

Deno.test("a fold may hold positions up to 2^53", () => {
  const fold = {
    index: 0,
    training: [{ start: 0, end: 5e9 }],
    heldOut: [{ start: 5e9, end: 2 ** 53 - 1 }],
    unit: "bytes",
  } as const;
  assert.deepEqual(checkFold("fold", fold), fold);
  const first = withFirstBytes(fold, 4.5e9, { boundary: (position) => position });
  assert.deepEqual(first.training, [{ start: 0, end: 4.5e9 }]);
  assert.throws(
    () => checkFold("fold", { ...fold, heldOut: [{ start: 5e9, end: 2 ** 53 }] }),
    /heldOut.end must be/,
  );
});

/** A file that is as long as it says and empty but for its end: the disk keeps what was written alone. */
async function sparseFile(path: string, length: number, end: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  file.truncateSync(length);
  file.seekSync(length - end.length, Deno.SeekMode.Start);
  assert.equal(file.writeSync(end), end.length);
}

Deno.test("tokens are read from files beyond 2^32 bytes", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const blockBytes = 1 << 16;
    const blocks = 70_000;
    const total = blocks * blockBytes / 2;
    const last = new Uint8Array(blockBytes);
    last.set([7, 0, 8, 0, 9, 0], blockBytes - 6);
    await sparseFile(join(folder, "tokens"), blocks * blockBytes, last);
    const checksums = new Uint32Array(blocks).fill(crc32(new Uint8Array(blockBytes)));
    checksums[blocks - 1] = crc32(last);
    const bytes = new Uint8Array(checksums.buffer);
    await Deno.writeFile(join(folder, "checksums"), bytes);
    await Deno.writeFile(join(folder, "documents"), new Uint8Array());
    const index = {
      ...{ version: storedTokensVersion, width: 2, lengths: [total], documents: [0], said: {} },
      checksumsSha256: sha256(bytes),
      documentsSha256: sha256(new Uint8Array()),
    };
    const stored = JSON.stringify({ sha256: sha256(canonicalJson(index)), index });
    await Deno.writeTextFile(join(folder, "index.json"), stored);
    const { spans: [span] } = (await readStoredTokens(folder))!;
    const ids = new Int32Array(4);
    span.read(total - 4, ids);
    assert.deepEqual([...ids], [0, 7, 8, 9]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
