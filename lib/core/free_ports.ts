import { listen } from "./runtime/connections.ts";

/**
 * Ports of this machine that nobody listens on, all different; another process can take one before its
 * user does.
 */
export function freePorts(count: number): number[] {
  const listeners = Array.from({ length: count }, () => listen("127.0.0.1", 0));
  const ports = listeners.map(({ port }) => port);
  for (const listener of listeners) listener.close();
  return ports;
}
