import { loadVerified, readVerified, type TextSource } from "./_sources.ts";
import { fieldsOfPairs, type PairsOfRows } from "./rows/pairs_of_rows.ts";
import { readParquetRows, readRows } from "./rows/read_rows.ts";
import type { Row } from "./rows/row.ts";

/**
 * Reads all rows of a source and verifies its checksum.
 *
 * @throws {OutsideTrouble} As loadVerified.
 * @throws {RangeError} With the place of a row that is none.
 */
export async function verifiedRows(
  { sha256, ...specification }: PairsOfRows & { readonly sha256: string },
  source: TextSource,
  subject: string,
): Promise<Row[]> {
  const { format } = specification;
  if (format !== "parquet") {
    return readRows(format, await loadVerified(subject, source, sha256), subject);
  }
  const content = await readVerified(subject, source, sha256);
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return await readParquetRows(bytes, subject, fieldsOfPairs(specification));
}
