import { expect, test } from "vitest";
import { Thread } from "../../state/thread.ts";
import { capabilityNames, commandLine, environment, variable } from "./process-text.ts";

function withEnvironment(...variables: string[]): Thread {
  const thread = new Thread(1, 1);
  thread.envText = variables.map((text) => `${text}\0`).join("");
  return thread;
}

test("a command line is the name with the arguments", () => {
  const thread = new Thread(1, 1);
  thread.comm = "ls";
  expect(commandLine(thread)).toBe("ls");
  thread.argsText = "-l\0/tmp\0";
  expect(commandLine(thread)).toBe("ls -l /tmp");
});

test("a variable is found by its whole name, without the blanks around its value", () => {
  const thread = withEnvironment("XHOME=/no", "HOME=  /root ", "EMPTY=");
  expect(variable(thread, "HOME")).toBe("/root");
  expect(variable(thread, "XHOME")).toBe("/no");
  expect(variable(thread, "HOM")).toBe("");
  expect(variable(thread, "EMPTY")).toBe("");
  expect(environment(thread)).toBe("XHOME=/no HOME=  /root  EMPTY=");
});

test("a long value of blanks costs no more than its length", () => {
  const thread = withEnvironment(`A=${"x ".repeat(200_000)}`);
  expect(variable(thread, "A")).toHaveLength(399_999);
});

test("capabilities print in the order of their bits", () => {
  expect(capabilityNames(0n)).toBe("");
  expect(capabilityNames((1n << 21n) | 1n)).toBe("CAP_CHOWN CAP_SYS_ADMIN");
});
