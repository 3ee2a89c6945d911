/** Places of several parts, one part after the other. */
export interface Parts {
  /** Places of all parts together. */
  readonly total: number;
  /** The part of a place, from 0, and the place in it. */
  find(place: number): { readonly part: number; readonly place: number };
}

/** Lays parts of so many places each one after the other. */
export function layParts(counts: ArrayLike<number>): Parts {
  const starts = new Float64Array(counts.length + 1);
  for (let part = 0; part < counts.length; part++) starts[part + 1] = starts[part] + counts[part];
  return {
    total: starts[counts.length],
    find(place) {
      // The last part that begins there or before: a part without places is never found.
      let part = 0;
      for (let above = counts.length; above - part > 1;) {
        const middle = (part + above) >> 1;
        if (starts[middle] <= place) part = middle;
        else above = middle;
      }
      return { part, place: place - starts[part] };
    },
  };
}
