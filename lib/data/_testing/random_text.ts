import type { RandomStream } from "../../core/random.ts";

/** Of one to four bytes, line ends of every kind, and what joins its neighbours to one sign. */
const pieces = [
  ..."abc .,A",
  ..."\r\n\t\u0085",
  "\r\n",
  ..."éßж",
  "e\u0301",
  ..."鯨海",
  ..."🐋😀",
  "👩‍👩‍👧",
  "🇪🇪",
  "\uFEFF",
  "\u2028",
];

/** A text of so many drawn pieces, some of several code points; never blank. */
export function randomText(stream: RandomStream, count: number): string {
  const drawn = Array.from({ length: count }, () => pieces[stream.integer(pieces.length)]);
  return `${drawn.join("")}x`;
}
