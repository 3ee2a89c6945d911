/** Functions of a native library by name: types of parameters and result. */
export type ForeignFunctions = Deno.ForeignLibraryInterface;

/** The functions, ready to be called; one that is optional and missing is null. */
export type Callable<Functions extends ForeignFunctions> = Deno.StaticForeignLibraryInterface<
  Functions
>;

/** Loads a native library, which stays loaded. */
export function loadLibrary<const Functions extends ForeignFunctions>(
  path: string,
  functions: Functions,
): Callable<Functions> {
  return Deno.dlopen(path, functions).symbols;
}
