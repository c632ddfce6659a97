import { PassThrough, Writable } from "node:stream";
import { expect, test } from "vitest";
import type { Alert, Priority } from "../../model/events/alert.ts";
import type { AlertOutput } from "./alert-output.ts";
import { AlertOutputs, type AlertRoute } from "./alert-outputs.ts";
import { StreamOutput } from "./stream-output.ts";

test("each output gets its form of what is urgent enough for it", async () => {
  const text = collecting();
  const json = collecting();
  const outputs = make([
    { output: text.output, format: "text", minimumPriority: "Error" },
    { output: json.output, format: "json" },
  ]);
  outputs.write(alertOf("Notice"));
  outputs.write(alertOf("Critical"));
  await outputs.close();
  expect(text.lines).toEqual(["2001-09-09T01:46:40.000000001+0000: Critical m"]);
  expect(json.lines.map((line) => (JSON.parse(line) as { priority: string }).priority)).toEqual(["Notice", "Critical"]);
});

test("an output that fails does not keep alerts from the others", async () => {
  const failed: string[] = [];
  const { output, lines } = collecting();
  const broken = (id: string, write: () => void | Promise<void>): AlertOutput => ({
    id,
    write,
    flush: () => Promise.reject(new Error("flush")),
    close: () => Promise.resolve(),
  });
  const throws = broken("throws", () => {
    throw new Error("no");
  });
  const rejects = broken("rejects", () => Promise.reject(new Error("no")));
  const routes = [throws, rejects, output].map((one): AlertRoute => ({ output: one, format: "text" }));
  const outputs = make(routes, (id) => failed.push(id));
  await outputs.write(alertOf("Notice"));
  await outputs.flush();
  expect(lines).toHaveLength(1);
  expect(failed.sort()).toEqual(["rejects", "rejects", "throws", "throws"]);
});

test("a stream that is full is waited for", async () => {
  const stream = new PassThrough({ highWaterMark: 10 });
  const output = new StreamOutput(stream, { id: "stdout" });
  expect(output.write(alertOf("Notice"), "short")).toBeUndefined();
  const written = output.write(alertOf("Notice"), "a longer line");
  expect(written).toBeInstanceOf(Promise);
  stream.resume();
  await written;
  await output.close();
});

test("many lines wait for a stream together, and none goes lost or is counted twice when it breaks", async () => {
  let fail: (() => void) | undefined;
  const stream = new Writable({
    highWaterMark: 1,
    write: (_piece, _encoding, done) => {
      fail = () => done(new Error("EPIPE"));
    },
  });
  const failed: string[] = [];
  const outputs = make([{ output: new StreamOutput(stream, { id: "stdout" }), format: "text" }], (id) =>
    failed.push(id),
  );
  const writes = Array.from({ length: 50 }, () => outputs.write(alertOf("Notice")));
  expect(stream.listenerCount("drain")).toBe(1);
  fail?.();
  await Promise.all(writes);
  expect(failed).toHaveLength(50);
});

test("what a stream that is not full has not yet passed on is waited for at the end", { timeout: 5000 }, async () => {
  const passed: string[] = [];
  const stream = new Writable({
    write: (piece, _encoding, done) => {
      setTimeout(() => {
        passed.push(String(piece));
        done();
      }, 5);
    },
  });
  const output = new StreamOutput(stream, { id: "stdout" });
  for (const line of ["a", "b"]) expect(output.write(alertOf("Notice"), line)).toBeUndefined();
  await output.close();
  expect(passed.join("")).toBe("a\nb\n");
});

test("a stream that breaks loses alerts with an error, not with silence", async () => {
  const stream = new Writable({ write: (_piece, _encoding, done) => done(new Error("EPIPE")) });
  const output = new StreamOutput(stream, { id: "stdout" });
  await expect(output.write(alertOf("Notice"), "a")).rejects.toMatchObject({ code: "output-not-written" });
  expect(() => output.write(alertOf("Notice"), "b")).toThrow("alerts cannot be written to stdout");
});

function make(routes: readonly AlertRoute[], onFailure: (id: string) => void = () => undefined): AlertOutputs {
  return new AlertOutputs(routes, {
    text: { timeFormat: "iso" },
    json: { timeFormat: "iso" },
    onFailure: ({ id }) => onFailure(id),
  });
}

function collecting(): { output: AlertOutput; lines: string[] } {
  const lines: string[] = [];
  const done = (): Promise<void> => Promise.resolve();
  return { lines, output: { id: "test", write: (_, line) => void lines.push(line), flush: done, close: done } };
}

function alertOf(priority: Priority): Alert {
  const time = 1_000_000_000_000_000_001n;
  return { rule: "r", priority, source: "syscall", time, message: "m", tags: [], fields: [], eventNumber: 1 };
}
