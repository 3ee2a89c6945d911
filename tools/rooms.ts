import { join } from "node:path";
import { replaceBetweenMarks } from "../lib/experiments/between_marks.ts";
import { markdownTable } from "../lib/experiments/markdown_table.ts";
import { project } from "./_steps.ts";
import { toolOptions } from "./_usage.ts";

const usage = `rooms
  Writes the table of rooms in docs/architecture.md from lib/rooms.json.`;

/** A folder of lib/: what it holds, and the rooms that it may import beside `core`. */
export interface Room {
  readonly holds: string;
  readonly imports: readonly string[];
}

/** The rooms as a Markdown table. */
export function roomsTable(rooms: Readonly<Record<string, Room>>): string {
  const code = (name: string) => `\`${name}\``;
  return markdownTable([
    ["room", "what it holds", "imports"],
    ...Object.entries(rooms).map(([name, { holds, imports }]) => [
      code(name),
      holds,
      imports.map(code).join(", "),
    ]),
  ]);
}

/** A page with the table between its marks. */
export function withRooms(page: string, rooms: Readonly<Record<string, Room>>): string {
  const marks = {
    begin: "<!-- rooms -->",
    end: "<!-- /rooms -->",
    document: "docs/architecture.md",
  };
  return replaceBetweenMarks(page, marks, () => `\n\n${roomsTable(rooms)}\n`);
}

if (import.meta.main) {
  toolOptions(usage, {});
  const path = join(project, "docs", "architecture.md");
  const rooms = JSON.parse(await Deno.readTextFile(join(project, "lib", "rooms.json")));
  await Deno.writeTextFile(path, withRooms(await Deno.readTextFile(path), rooms));
}
