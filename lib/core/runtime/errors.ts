/**
 * What an error of the system or of the permissions says, and the same errors made by the library.
 *
 * @module
 */

const {
  AlreadyExists,
  BadResource,
  ConnectionRefused,
  ConnectionReset,
  Interrupted,
  NotADirectory,
  NotCapable,
  NotFound,
  PermissionDenied,
} = Deno.errors;

/** Whether there is no such file, folder or program. */
export function isNotFound(error: unknown): error is Error {
  return error instanceof NotFound;
}

/** Whether a path leads through something that is no folder. */
export function isNotADirectory(error: unknown): error is Error {
  return error instanceof NotADirectory;
}

/** Whether the system forbids it. */
export function isPermissionDenied(error: unknown): error is Error {
  return error instanceof PermissionDenied;
}

/** Whether the permissions of this process do not cover it. */
export function isNotCapable(error: unknown): error is Error {
  return error instanceof NotCapable;
}

/** Whether nobody listens. */
export function isConnectionRefused(error: unknown): error is Error {
  return error instanceof ConnectionRefused;
}

/** Whether a connection was closed by this side. */
export function isClosed(error: unknown): error is Error {
  return error instanceof BadResource;
}

/** Whether a connection ended, by either side. */
export function isConnectionEnd(error: unknown): error is Error {
  return isClosed(error) || error instanceof Interrupted || error instanceof ConnectionReset;
}

/** The error that something is not there. */
export function notFound(message: string): Error {
  return new NotFound(message);
}

/** The error that something is there already. */
export function alreadyExists(message: string): Error {
  return new AlreadyExists(message);
}

/** The error that the permissions of this process do not cover something. */
export function notCapable(message: string): Error {
  return new NotCapable(message);
}
