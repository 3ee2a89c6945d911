import assert from "node:assert/strict";
import { leavesWithItsParent, listeningCell } from "./_testing/notebooks.ts";
import { withTemporaryProject } from "../core/testing/temporary_project.ts";
import { withRelay } from "./_testing/relay_client.ts";

Deno.test("the relay sends every output of a cell before the cell is idle, and names its cell, also of 60 in a row", () =>
  withRelay(async (client) => {
    const numbers = Array.from({ length: 60 }, (_, index) => index);
    const ids = numbers.map((number) =>
      client.run(
        `console.log("first ${number}"); console.error("second ${number}"); ` +
          `console.log("third ${number}"); ${number}`,
      )
    );
    for (const [number, id] of ids.entries()) {
      const content = await client.done(id);
      assert.deepEqual([content.status, content.execution_count], ["ok", number + 1]);
      assert.deepEqual(client.outputs(id), [
        `stream: first ${number}\n`,
        `stream: second ${number}\n`,
        `stream: third ${number}\n`,
        `execute_result: ${number}`,
      ]);
      const own = client.published.filter(({ parent }) => parent === id);
      assert.deepEqual(own.map(({ type, content }) => content.execution_state ?? type), [
        "busy",
        "execute_input",
        ...Array(3).fill("stream"),
        "execute_result",
        "idle",
      ]);
    }
  }));

Deno.test("the relay shows a syntax error, a missing package and errors outside of a cell, and runs nothing behind them", () =>
  withRelay(async (client) => {
    const missing = 'import { x } from "npm:@parsimony-test/does-not-exist@1.0.0";\nx';
    const failing = {
      "const fine = 1;\nconst broken = ;": /^error: Expression expected[^]*line 2/,
      [missing]: /^error: Cannot import "npm:@parsimony-test\/does-not-exist@1\.0\.0": ./,
      'throw new RangeError("boom")': /^error: boom$/,
      'Promise.reject(new Error("left alone"))': /^error: left alone$/,
    };
    for (const [code, expected] of Object.entries(failing)) {
      const [failed, behind] = [client.run(code), client.run("console.log('not run')")];
      assert.equal((await client.done(failed)).status, "error", code);
      assert.equal((await client.done(behind)).status, "aborted");
      const outputs = client.outputs(failed).filter((output) => output.startsWith("error"));
      assert.equal(outputs.length, 1, code);
      assert.match(outputs[0], expected);
      assert.deepEqual(client.outputs(behind), []);
    }
    const timer = client.run('setTimeout(() => { throw new Error("too late") }, 50); 1');
    await client.until(({ type, content }) => type === "error" && content.evalue === "too late");
    assert.deepEqual(client.outputs(timer), ["execute_result: 1", "error: too late"]);
    assert.equal((await client.done(client.run("2"))).status, "ok");
  }));

Deno.test("the relay interrupts a busy loop, and the next cell has the variables of earlier ones", () =>
  withRelay(async (client) => {
    await client.done(client.run("const before = 40;"));
    const idle = client.send("control", "interrupt_request");
    assert.equal((await client.done(idle)).status, "ok");
    const busy = client.run("for (;;);");
    await client.until(({ parent, type }) => parent === busy && type === "execute_input");
    client.send("control", "interrupt_request");
    const content = await client.done(busy);
    assert.deepEqual([content.status, content.ename], ["error", "Interrupted"]);
    const after = client.run("before + 2");
    assert.equal((await client.done(after)).status, "ok");
    assert.deepEqual(client.outputs(after), ["execute_result: 42"]);
  }));

Deno.test("the relay tells of an interrupted cell that only waits, and answers a new page at once meanwhile", () =>
  withRelay(async (client) => {
    const waiting = client.run(`await new Promise((resolve) => setInterval(resolve, 600_000))`);
    await client.until(({ parent, type }) => parent === waiting && type === "execute_input");
    client.send("control", "interrupt_request");
    const information = await client.done(client.send("shell", "kernel_info_request"));
    assert.equal((information.language_info as { name: string }).name, "typescript");
    const told = await client.until(({ parent, type }) => parent === waiting && type === "stream");
    assert.match(String(told.content.text), /still waits[^]*kernel is restarted/);
    const states = client.published.filter(({ type }) => type === "status");
    assert.equal(states.at(-1)!.content.execution_state, "busy");
  }));

Deno.test("the relay ends a kernel that cannot be interrupted and says so", () =>
  withRelay(async (client) => {
    const stuck = client.run("await 0; for (;;);");
    await client.until(({ parent, type }) => parent === stuck && type === "execute_input");
    client.send("control", "interrupt_request");
    assert.equal((await client.done(stuck)).status, "error");
    assert.match(client.outputs(stuck).join(), /error: .*could not be interrupted/);
    assert.notEqual((await client.process.status).code, 0);
  }));

Deno.test("the relay ends with its kernel, and says by which exit code", () =>
  withRelay(async (client) => {
    const last = client.run("Deno.exit(7)");
    assert.equal((await client.done(last)).status, "error");
    assert.match(client.outputs(last).join(), /error: The kernel's process ended with exit code 7/);
    assert.equal((await client.process.status).code, 7);
  }));

Deno.test("the relay asks its user for a line, completes names, and ends on request", () =>
  withRelay(async (client) => {
    const asking = client.run(`"hello " + prompt("Who?")`);
    const { content } = await client.question();
    assert.equal(content.prompt, "Who?");
    client.send("stdin", "input_reply", { status: "ok", value: "Ishmael" });
    assert.equal((await client.done(asking)).status, "ok");
    assert.deepEqual(client.outputs(asking), ['execute_result: "hello Ishmael"']);
    const completion = { code: "Deno.jup", cursor_pos: 8 };
    const completed = await client.done(client.send("shell", "complete_request", completion));
    assert.deepEqual(completed.matches, ["jupyter"]);
    const end = client.send("control", "shutdown_request", { restart: true });
    assert.equal((await client.done(end)).restart, true);
    assert.equal((await client.process.status).code, 0);
  }));

Deno.test("the relay runs nothing that is not signed with the client's key", () =>
  withRelay(async (client) => {
    client.run("1");
    client.send("control", "shutdown_request");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.deepEqual(client.published, []);
    client.process.kill("SIGTERM");
    assert.equal((await client.process.status).code, 0);
  }, { ownKey: "another" }));

Deno.test("the relay and its kernel leave when the client that started them is killed", () =>
  leavesWithItsParent(`
    import { withRelay } from ${JSON.stringify(import.meta.resolve("./_testing/relay_client.ts"))};
    await withRelay(async (client) => {
      const cell = client.run(${JSON.stringify(listeningCell)});
      const { content } = await client.until(({ type }) => type === "stream");
      console.log(content.text);
      await client.done(cell);
    });`));

Deno.test("the relay serves the notebooks of another project than the library's, and writes there only", () =>
  withTemporaryProject((folder) =>
    withRelay(async (client) => {
      const id = client.run("6 * 7");
      assert.equal((await client.done(id)).status, "ok");
      assert.deepEqual(client.outputs(id), ["execute_result: 42"]);
      assert.ok(Deno.statSync(`${folder}/.temporary`).isDirectory);
    }, { folder })
  ));
