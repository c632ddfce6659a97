import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runWithoutDescriptors } from "../../../tests/setup/run-without-descriptors.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { ProgramSender } from "./program-sender.ts";

const root = temporaryFolder();
const signal = new AbortController().signal;
const environment = { PATH: "/usr/bin:/bin" };
let count = 0;

test("one program reads all alerts, one a line, and sees their end", async () => {
  const target = join(root, "lines");
  const sender = new ProgramSender(script(`cat > ${target}; echo end >> ${target}`), { environment });
  await sender.send(["a", "b ; $(touch x)"], signal);
  await sender.send(["c"], signal);
  await sender.close();
  expect(readFileSync(target, "utf8")).toBe("a\nb ; $(touch x)\nc\nend\n");
});

test("arguments go to the program as they are", async () => {
  const target = join(root, "arguments");
  const program = script('printf "%s|" "$@" > "$1"; cat > /dev/null');
  const sender = new ProgramSender({ ...program, args: [target, "a b", "$HOME", ";"] }, { environment });
  await sender.send(["x"], signal);
  await sender.close();
  expect(readFileSync(target, "utf8")).toBe(`${target}|a b|$HOME|;|`);
});

test("a program for each alert has done its work when it ends well", async () => {
  const target = join(root, "each");
  const sender = new ProgramSender(script(`cat >> ${target}; echo -- >> ${target}`), { environment, isPerAlert: true });
  expect(sender.batchSize).toBe(1);
  await sender.send(["a"], signal);
  await sender.send(["b"], signal);
  expect(readFileSync(target, "utf8")).toBe("a\n--\nb\n--\n");
});

test("a program for each alert that ends otherwise is a failure, with its last words", async () => {
  const sender = new ProgramSender(script("cat > /dev/null; echo no mail >&2; exit 3"), {
    environment,
    isPerAlert: true,
  });
  await expect(sender.send(["a"], signal)).rejects.toThrow("it exited with code 3: no mail");
});

test("a program that ended is started again for the next alert", async () => {
  const target = join(root, "again");
  const sender = new ProgramSender(script(`read line; echo "$line" >> ${target}`), { environment });
  await sender.send(["a"], signal);
  while (!existsSync(target)) await pause(5);
  for (let attempt = 0; attempt < 100 && !readFileSync(target, "utf8").includes("b"); attempt++) {
    await sender.send(["b"], signal).catch(() => undefined);
    await pause(10);
  }
  expect(readFileSync(target, "utf8")).toMatch(/^a\nb\n/);
  await sender.close();
});

test("what was written to a program that ends before its input does is taken back", async () => {
  const sender = new ProgramSender(script("exit 0"), { environment });
  const takenBack = new Promise<string>((resolve) => sender.onTakenBack(({ message }) => resolve(message)));
  await sender.send(["a"], signal).catch(() => undefined);
  expect(await takenBack).toBe("it exited with code 0 before its input ended");
  await sender.close();
});

test("a program that ends badly after its input did has not taken its alerts", async () => {
  const sender = new ProgramSender(script("cat > /dev/null; echo disk full >&2; exit 4"), { environment });
  sender.onTakenBack(() => undefined);
  await sender.send(["a"], signal);
  await expect(sender.close()).rejects.toThrow("it exited with code 4: disk full");
});

test("a program that does not end after its input did has not taken its alerts", async () => {
  const sender = new ProgramSender(script("cat > /dev/null; exec sleep 600"), { environment, timeout: 200 });
  await sender.send(["a"], signal);
  await expect(sender.close()).rejects.toThrow("it takes too long");
});

test("a program that is not there is a failure", async () => {
  const sender = new ProgramSender({ path: join(root, "none"), args: [] }, { environment });
  await expect(sender.send(["a"], signal)).rejects.toThrow("it cannot be started: it does not exist");
});

test("a program that does not read is ended after its time", async () => {
  const sender = new ProgramSender(script("sleep 600 <&-"), { environment, timeout: 100 });
  const large = "x".repeat(1 << 20);
  await expect(sender.send([large], signal)).rejects.toThrow();
  await sender.close();
});

test("a program does not see the environment of its parent", async () => {
  const target = join(root, "environment");
  const sender = new ProgramSender(script(`env > ${target}; cat > /dev/null`), {
    environment: { PATH: "/bin", A: "1" },
  });
  await sender.send(["x"], signal);
  await sender.close();
  const names = readFileSync(target, "utf8")
    .matchAll(/^(\w+)=/gm)
    .map(([, name]) => name ?? "");
  expect([...names].filter((name) => !["PWD", "OLDPWD", "_", "SHLVL"].includes(name)).sort()).toEqual(["A", "PATH"]);
});

test.skipIf(process.platform === "win32")(
  "without a descriptor for its pipes a program is a failure, and the next alert starts it",
  async () => {
    const code = `
    const { ProgramSender } = await import(${JSON.stringify(new URL("program-sender.ts", import.meta.url).href)});
    const sender = new ProgramSender({ path: "/bin/cat", args: [] }, { environment: {}, isPerAlert: true });
    const { signal } = new AbortController();
    takeDescriptors();
    const told = await sender.send(["a"], signal).catch((cause) => cause);
    giveDescriptorsBack();
    await sender.send(["b"], signal);
    console.log(told.name + ": " + told.message);`;
    expect(await runWithoutDescriptors(code)).toEqual({
      exitCode: 0,
      stdout: "DeliveryFailure: it cannot be started: too many open files\n",
      stderr: "",
    });
  },
);

function script(text: string): { path: string; args: string[] } {
  const path = join(root, `program-${count++}`);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return { path, args: [] };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
