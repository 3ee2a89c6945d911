import type { Evaluation } from "./_evaluation.ts";
import type { KernelConnection } from "./_kernel_process.ts";
import { preludeCode } from "./_prelude.ts";
import type { Session } from "./_session.ts";
import { isIdle } from "./_wire.ts";
import { untilListening } from "./_zmtp.ts";

/**
 * Connects the channels, waits until a kernel answers on all of them, and runs the prelude.
 *
 * @param deadline When it must have answered, as `Date.now()` says it.
 * @param lateError What is thrown if it has not.
 */
export async function openKernel(
  { session, evaluate }: Evaluation,
  ports: KernelConnection["ports"],
  deadline: number,
  lateError: () => Error,
): Promise<void> {
  const inTime = () => {
    if (Date.now() > deadline) throw lateError();
  };
  await connectChannels(session, ports, inTime);
  await untilAnswering(session, inTime);
  const reply = await evaluate(preludeCode, {
    silent: true,
    milliseconds: Math.max(1, deadline - Date.now()),
  });
  if (reply.content.status !== "ok") {
    throw new Error(`The kernel refused our prelude: ${reply.content.evalue}.`);
  }
}

async function connectChannels(
  session: Session,
  ports: KernelConnection["ports"],
  inTime: () => void,
): Promise<void> {
  const channels = [
    ["control", "DEALER"],
    ["stdin", "DEALER"],
    ["iopub", "SUB"],
    ["shell", "DEALER"],
  ] as const;
  for (const [channel, type] of channels) {
    await untilListening(() => session.connect(channel, type, ports[channel]), () => {
      session.check();
      inTime();
    });
  }
}

/** A subscription takes effect a moment after the connection: asks until iopub answers as well. */
async function untilAnswering(session: Session, inTime: () => void): Promise<void> {
  const silence = new Error("silence");
  for (let answered = false; !answered;) {
    inTime();
    let reply = false;
    let idle = false;
    await session.request({
      type: "kernel_info_request",
      content: {},
      take(message, channel) {
        reply ||= channel === "shell";
        idle ||= isIdle(message);
        return reply && idle;
      },
      limit: { milliseconds: 250, error: silence },
    }).then(() => answered = true, (error) => {
      if (error !== silence) throw error;
    });
  }
}
