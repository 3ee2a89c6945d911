/** What a permission can be asked of: a variable, a library, a path, a program, a fact of the system. */
const subjects = {
  env: "variable",
  ffi: "path",
  read: "path",
  run: "command",
  sys: "kind",
  write: "path",
} as const;

/**
 * Whether this process may do something. Asked before it is tried, no terminal prompts for what can be
 * done without.
 *
 * @param name What it is: see variables, load libraries, read, run programs, see the system, write.
 * @param subject Of what; of everything by default.
 */
export function isAllowed(name: keyof typeof subjects, subject?: string): boolean {
  // Of the facts of the system, "cpus" is lacking in Deno's types.
  const descriptor = { name, [subjects[name]]: subject } as unknown as Deno.PermissionDescriptor;
  return Deno.permissions.querySync(descriptor).state === "granted";
}
