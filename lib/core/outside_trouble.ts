/**
 * What a run needs is not there or not as it must be: a file of the project, its corpus, room on the
 * disk, a program.
 *
 * It says nothing of the run itself, which is therefore tried again and never recorded as `failed`.
 */
export class OutsideTrouble extends Error {
  /** `OutsideTrouble`. */
  override name = "OutsideTrouble";
  /** Whether it was waited out already, in vain, before it was thrown. */
  readonly waited: boolean;

  /**
   * @param message What is missing.
   * @param options `cause`; `waited`, false by default.
   */
  constructor(message: string, options: ErrorOptions & { readonly waited?: boolean } = {}) {
    super(message, options);
    this.waited = options.waited ?? false;
  }
}

/**
 * Does what can fail by trouble outside of a run alone, such as reading a file whose content the run's
 * specification fixes.
 *
 * @param action What is done.
 * @returns What it gives.
 * @throws {OutsideTrouble} Whatever it throws, with the same message.
 *
 * @example
 * ```ts
 * import { needed, OutsideTrouble } from "./outside_trouble.ts";
 * import assert from "node:assert/strict";
 * assert.equal(await needed(() => "call me"), "call me");
 * await assert.rejects(needed(() => Deno.readTextFile("/nothing/here")), OutsideTrouble);
 * ```
 */
export async function needed<T>(action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw asTrouble(error);
  }
}

/**
 * The trouble outside of a run that an error tells of; null where the run itself may be to blame.
 *
 * Errors of the system count as such: a file that is missing or cannot be opened, a disk that is full or
 * read-only, too many open files.
 *
 * @param error What was thrown.
 *
 * @example
 * ```ts
 * import { troubleOutside } from "./outside_trouble.ts";
 * import assert from "node:assert/strict";
 * assert.equal(troubleOutside(new RangeError("this fold cannot be used")), null);
 * const missing = await Deno.readFile("/nothing/here").catch(troubleOutside);
 * assert.match(String(missing), /OutsideTrouble: No such file/);
 * ```
 */
export function troubleOutside(error: unknown): OutsideTrouble | null {
  if (error instanceof OutsideTrouble) return error;
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === "string" && codes.has(code) ? asTrouble(error) : null;
}

function asTrouble(error: unknown): OutsideTrouble {
  if (error instanceof OutsideTrouble) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new OutsideTrouble(message, { cause: error });
}

/** Names that systems (and, of a module, Deno) give to such errors. */
const codes = new Set([
  ...["ENOENT", "ENOTDIR", "EISDIR", "EACCES", "EPERM", "EROFS", "ELOOP", "ESTALE"],
  ...["ENOSPC", "EDQUOT", "EFBIG", "EIO", "ENODEV", "ENXIO", "EBUSY", "ETXTBSY", "ETIMEDOUT"],
  ...["EMFILE", "ENFILE", "EAGAIN"],
  "ERR_MODULE_NOT_FOUND",
]);
