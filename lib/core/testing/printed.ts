// deno-lint-ignore-file no-console -- it stands in for the console

/** What a function, or a promise that it gives, printed until it was done, by the console. */
export function printedBy(work: () => void): { output: string; errors: string };
export function printedBy(work: () => Promise<void>): Promise<{ output: string; errors: string }>;
export function printedBy(work: () => void | Promise<void>) {
  const printed = { output: "", errors: "" };
  const { log, error } = console;
  console.log = (text: string) => void (printed.output += `${text}\n`);
  console.error = (text: string) => void (printed.errors += `${text}\n`);
  const restore = () => {
    Object.assign(console, { log, error });
    return printed;
  };
  let pending;
  try {
    pending = work();
  } catch (thrown) {
    restore();
    throw thrown;
  }
  return pending === undefined ? restore() : pending.finally(restore).then(() => printed);
}
