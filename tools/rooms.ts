import { join } from "node:path";
import { print, project } from "./_steps.ts";
import { toolOptions } from "./_usage.ts";

const usage = `rooms [--check]
  Writes the table of rooms in docs/architecture.md from lib/rooms.json.
  --check  writes nothing, and fails where it is something else`;

/** A folder of lib/: what it holds, and the rooms that it may import beside `core`. */
export interface Room {
  readonly holds: string;
  readonly imports: readonly string[];
}

/** Two columns and a third, as Markdown; `deno fmt` would leave it as it is. */
export function roomsTable(rooms: Readonly<Record<string, Room>>): string {
  const code = (name: string) => `\`${name}\``;
  const rows = [
    ["room", "what it holds", "imports"],
    ...Object.entries(rooms).map(([name, { holds, imports }]) => [
      code(name),
      holds,
      imports.map(code).join(", "),
    ]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (cells: readonly string[], fill = " ") =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column], fill)).join(" | ")} |`;
  const [head, ...body] = rows;
  return [line(head), line(["", "", ""], "-"), ...body.map((row) => line(row))].join("\n");
}

/** A page with the table between its marks. */
export function withRooms(page: string, rooms: Readonly<Record<string, Room>>): string {
  const [begin, end] = ["<!-- rooms -->", "<!-- /rooms -->"];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`No ${begin} and ${end} in the page.`);
  return `${page.slice(0, from)}${begin}\n\n${roomsTable(rooms)}\n\n${page.slice(to)}`;
}

if (import.meta.main) {
  const { check } = toolOptions(usage, { check: { type: "boolean", default: false } });
  const path = join(project, "docs", "architecture.md");
  const before = await Deno.readTextFile(path);
  const rooms = JSON.parse(await Deno.readTextFile(join(project, "lib", "rooms.json")));
  const after = withRooms(before, rooms);
  if (check && after !== before) {
    print("docs/architecture.md has another table of rooms: deno task rooms");
    Deno.exit(1);
  }
  if (!check) await Deno.writeTextFile(path, after);
}
