/** Token ids one after the other, in room that grows: a long text has too many for a list. */
export class IdList {
  #ids = new Int32Array(256);
  #length = 0;

  /** How many there are. */
  get length(): number {
    return this.#length;
  }

  /** Adds one id. */
  push(id: number): void {
    if (this.#length === this.#ids.length) this.#makeRoom(1);
    this.#ids[this.#length++] = id;
  }

  /** Adds several. */
  append(ids: Int32Array): void {
    if (this.#length + ids.length > this.#ids.length) this.#makeRoom(ids.length);
    this.#ids.set(ids, this.#length);
    this.#length += ids.length;
  }

  /** All of them, in the room in which they lie. */
  ids(): Int32Array<ArrayBuffer> {
    return this.#ids.subarray(0, this.#length);
  }

  #makeRoom(more: number): void {
    const larger = new Int32Array(Math.max(2 * this.#length, this.#length + more));
    larger.set(this.ids());
    this.#ids = larger;
  }
}
