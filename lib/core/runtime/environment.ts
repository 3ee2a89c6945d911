import { isAllowed } from "./permissions.ts";

/** A variable of the environment. */
export function environmentVariable(name: string): string | undefined {
  return Deno.env.get(name);
}

/** The same where this process may see it; else nothing, as when it is not set. */
export function allowedVariable(name: string): string | undefined {
  return isAllowed("env", name) ? environmentVariable(name) : undefined;
}

/** Names of all variables. */
export function variableNames(): string[] {
  return Object.keys(Deno.env.toObject());
}

/** Sets a variable for this process and the libraries that it loads. */
export function setVariable(name: string, value: string): void {
  Deno.env.set(name, value);
}
