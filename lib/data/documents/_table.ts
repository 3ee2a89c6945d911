import { show } from "../../core/check.ts";
import { randomStream } from "../../core/random.ts";
import { groupName } from "../group_name.ts";
import type { DocumentOrder, ReadDocument } from "./document.ts";

/** A number of each document. */
export type Numbers = Float64Array<ArrayBuffer>;

/** Numbers that come one after another, in room that grows: a list may take twice as much, and boxes. */
class Column {
  #room: Numbers = new Float64Array(256);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#room.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#room);
      this.#room = larger;
    }
    this.#room[this.#length++] = value;
  }

  numbers(): Numbers {
    return this.#room.subarray(0, this.#length);
  }
}

/** What is known of each document of a corpus besides its text. */
export interface DocumentTable {
  /** Bytes of each. */
  readonly lengths: Numbers;
  /** Number of its group; null where documents have none. */
  readonly groups: Numbers | null;
  readonly groupNames: readonly string[];
  /** When it is from: a number, or milliseconds since 1970 (UTC); null where documents have no time. */
  readonly times: Numbers | null;
  /** What times are; null where documents have none. */
  readonly timeKind: "number" | "date" | null;
  /** Number of its file. */
  readonly files: Numbers;
  readonly fileNames: readonly string[];
  /** Line, row or number at which it begins; 0 for a file that is one document. */
  readonly places: Numbers;
}

/** A document that can be used. */
export interface CheckedDocument extends ReadDocument {
  /** File and line, for messages. */
  readonly where: string;
}

/** Makes the table of documents that come one after another. */
export class TableMaker {
  #groups = new Map<string, number>();
  #files = new Map<string, number>();
  #first: { readonly hasGroup: boolean; readonly timeKind: "number" | "date" | null } | null = null;
  readonly #columns = {
    lengths: new Column(),
    groups: new Column(),
    times: new Column(),
    files: new Column(),
    places: new Column(),
  };

  /**
   * Adds a document.
   *
   * @throws {RangeError} If it has a group or a time and others have none, or the other way round.
   */
  add({ group, time, file, place, where }: CheckedDocument, bytes: number): void {
    const { lengths, groups, times, files, places } = this.#columns;
    const read = time === null ? null : readTime(time, where);
    this.#first ??= { hasGroup: group !== null, timeKind: read?.kind ?? null };
    refuseOther(where, "group", this.#first.hasGroup, group !== null);
    refuseOther(where, "time", this.#first.timeKind !== null, read !== null);
    if (read !== null && read.kind !== this.#first.timeKind) {
      throw new RangeError(
        `${where}: times must all be ${
          this.#first.timeKind === "date" ? "dates" : "numbers"
        }, as the first is, found ${show(time)}.`,
      );
    }
    lengths.push(bytes);
    if (group !== null) groups.push(numberOf(this.#groups, groupName(group)));
    if (read !== null) times.push(read.value);
    files.push(numberOf(this.#files, file));
    places.push(place ?? 0);
  }

  /** What is known of those that were added. */
  table(): DocumentTable {
    const { lengths, groups, times, files, places } = this.#columns;
    const { hasGroup = false, timeKind = null } = this.#first ?? {};
    return {
      lengths: lengths.numbers(),
      files: files.numbers(),
      places: places.numbers(),
      groups: hasGroup ? groups.numbers() : null,
      groupNames: [...this.#groups.keys()],
      times: timeKind === null ? null : times.numbers(),
      timeKind,
      fileNames: [...this.#files.keys()],
    };
  }
}

function numberOf(numbers: Map<string, number>, name: string): number {
  const known = numbers.get(name);
  if (known !== undefined) return known;
  numbers.set(name, numbers.size);
  return numbers.size - 1;
}

function refuseOther(where: string, what: string, first: boolean, has: boolean): void {
  if (first === has) return;
  throw new RangeError(
    `${where}: every document must have a ${what}, or none, found one ${
      has ? "with" : "without"
    } after ` +
      `others ${has ? "without" : "with"}.`,
  );
}

const date = /^(\d{4})-\d\d(?:-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?)?$/;

/** A time as a number; dates without a zone are UTC. */
function readTime(
  time: string | number | Date,
  where: string,
): { readonly value: number; readonly kind: "number" | "date" } {
  if (time instanceof Date) return { value: time.getTime(), kind: "date" };
  if (typeof time === "number" && Number.isFinite(time)) return { value: time, kind: "number" };
  const text = String(time).trim();
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return { value: Number(text), kind: "number" };
  const match = date.exec(text);
  const hasClock = text.includes(":");
  const value = match === null
    ? NaN
    : Date.parse(text.replace(" ", "T") + (hasClock && match[2] === undefined ? "Z" : ""));
  if (Number.isFinite(value) && isInCalendar(text.slice(0, 10))) return { value, kind: "date" };
  throw new RangeError(
    `${where}: a time must be a number, such as 1851, or an ISO 8601 date, such as 1851-10-18 or ` +
      `1851-10-18T09:00:00Z, found ${show(time)}.`,
  );
}

/** Whether there is such a day: V8 reads the 30th of February as the 1st of March. */
function isInCalendar(day: string): boolean {
  return day.length < 10 || new Date(day).toISOString().startsWith(day);
}

/**
 * The places of documents in the order in which they are laid.
 *
 * @throws {RangeError} If the order is by what documents do not have.
 */
export function orderOf(
  subject: string,
  order: DocumentOrder,
  { lengths, groups, times }: DocumentTable,
): Int32Array | null {
  if (order === "given") return null;
  if (order === "shuffled") {
    // One order for each number of documents: folds must not depend on a run's seed.
    return randomStream(0, "order of documents").permutation(lengths.length);
  }
  const keys = order === "time" ? times : groups;
  if (keys === null) {
    throw new RangeError(
      `${subject}: order ${show(order)} needs documents with a ${
        order === "time" ? "time" : "group"
      }, found none.`,
    );
  }
  // Groups are numbered as they first come.
  return Int32Array.from(lengths.keys()).sort((a, b) => keys[a] - keys[b] || a - b);
}

/** The table of the same documents in another order. */
export function reordered(table: DocumentTable, order: Int32Array): DocumentTable {
  const moved = (column: Numbers) => {
    const numbers = new Float64Array(order.length);
    for (let place = 0; place < order.length; place++) numbers[place] = column[order[place]];
    return numbers;
  };
  return {
    ...table,
    lengths: moved(table.lengths),
    groups: table.groups && moved(table.groups),
    times: table.times && moved(table.times),
    files: moved(table.files),
    places: moved(table.places),
  };
}
