/** The Worker of `interrupted_writes.ts`. */
import { shareWrites, uninterrupted } from "../uninterrupted.ts";

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<{ readonly path: string; readonly writes: Int32Array }>) => void;
  postMessage(message: string): void;
};

scope.onmessage = async ({ data: { path, writes } }) => {
  shareWrites(writes);
  for (;;) {
    await uninterrupted(async () => {
      await Deno.writeTextFile(path, "half ");
      scope.postMessage("writing");
      await new Promise((resolve) => setTimeout(resolve, 150));
      await Deno.writeTextFile(path, "half", { append: true });
    });
  }
};
