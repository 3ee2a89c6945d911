/** A TCP connection. */
export interface Connection {
  /** Reads into a buffer; gives the number of bytes, or null at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Writes, and gives how many bytes were taken. */
  write(bytes: Uint8Array): Promise<number>;
  /** Whether small messages are sent at once. */
  setNoDelay(noDelay: boolean): void;
  close(): void;
}

/** Waits for connections, which it gives one after the other. */
export interface Listener extends AsyncIterable<Connection> {
  readonly port: number;
  close(): void;
}

/** Connects to a port of this machine. */
export function connect(port: number): Promise<Connection> {
  return Deno.connect({ hostname: "127.0.0.1", port });
}

/** Listens at a port; at one that is free when it is 0. */
export function listen(hostname: string, port: number): Listener {
  const listener = Deno.listen({ hostname, port });
  return {
    port: listener.addr.port,
    close: () => listener.close(),
    [Symbol.asyncIterator]: () => listener[Symbol.asyncIterator](),
  };
}
