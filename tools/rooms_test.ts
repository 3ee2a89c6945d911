import assert from "node:assert/strict";
import { join } from "node:path";
import { project } from "./_steps.ts";
import { roomsTable, withRooms } from "./rooms.ts";

Deno.test("docs/architecture.md has the rooms of lib/rooms.json", async () => {
  const page = await Deno.readTextFile(join(project, "docs", "architecture.md"));
  const rooms = JSON.parse(await Deno.readTextFile(join(project, "lib", "rooms.json")));
  assert.equal(page, withRooms(page, rooms), "deno task rooms");
});

Deno.test("roomsTable pads every column to its widest cell", () => {
  const rooms = { core: { holds: "all", imports: [] }, ops: { holds: "a", imports: ["core"] } };
  assert.equal(
    roomsTable(rooms),
    [
      "| room   | what it holds | imports |",
      "| ------ | ------------- | ------- |",
      "| `core` | all           |         |",
      "| `ops`  | a             | `core`  |",
      "",
    ].join("\n"),
  );
});

Deno.test("withRooms refuses a page without its marks", () => {
  assert.throws(() => withRooms("no marks", {}), /must have the marks <!-- rooms -->/);
});
