import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { corpusJson, corpusPath, describeWithCorpus } from "../setup/corpus.ts";
import { startPlimsoll } from "./run-plimsoll.ts";
import { openingCapture } from "./watching.ts";

const plimsoll = startPlimsoll();
const path = join(plimsoll.folder, "opened.scap");
const bytes = openingCapture(5);

beforeAll(() => writeFileSync(path, bytes));

describe("plimsoll events", () => {
  test("prints a line for each event as the sysdig command does", async () => {
    const { code, stdout, stderr } = await plimsoll(["events", "--capture", path]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(5);
    expect(lines[0]).toBe(
      "1 22:13:20.000000000 0 <NA> (100) < openat fd=3(<f>/tmp/0) dirfd=-100(AT_FDCWD) name=/tmp/0 flags=1(O_RDONLY) mode=0 dev=0 ino=0",
    );
  });

  test("prints what --output asks for, of events that have all of it", async () => {
    const args = ["events", "--capture", path, "--filter", "fd.name endswith 3", "--output"];
    expect((await plimsoll([...args, "%evt.num %fd.name"])).stdout).toBe("4 /tmp/3\n");
    expect((await plimsoll([...args, "%fd.num %fd.sip"])).stdout).toBe("");
    expect((await plimsoll([...args, "*%fd.num %fd.sip"])).stdout).toBe("3 <NA>\n");
  });

  test("takes the short options of the sysdig command, and the words behind them as the filter", async () => {
    const { stdout } = await plimsoll([
      "events",
      "-r",
      path,
      "-p%evt.num %fd.name",
      "-n",
      "1",
      "fd.name",
      "endswith",
      "3",
    ]);
    expect(stdout).toBe("4 /tmp/3\n");
    const { stdout: containers } = await plimsoll(["events", "-r", path, "-pc", "-n1"]);
    expect(containers).toMatch(/^1 \S+ 0 \S+ \(\S+\) <NA> \(100:\S+\) < openat fd=3/);
    expect((await plimsoll(["events", "-r", path, "-pk", "-n1"])).stdout).toContain("<NA> (");
    expect((await plimsoll(["events", "-r", path, "--count", "fd.name=/tmp/3 or fd.name=/tmp/4"])).stdout).toBe("2\n");
  });

  test("prints JSON, an object each, integers with all their digits", async () => {
    const args = ["events", "--capture", path, "--output", "%evt.num %evt.rawtime %fd.name", "--format", "json"];
    const { stdout } = await plimsoll([...args, "--limit", "1"]);
    expect(stdout).toBe('{"evt.num":1,"evt.rawtime":1700000000000000000,"fd.name":"/tmp/0"}\n');
  });

  test("counts, stops at a limit, and reads standard input, packed or not", async () => {
    expect((await plimsoll(["events", "--capture", path, "--count"])).stdout).toBe("5\n");
    expect((await plimsoll(["events", "--capture", path, "--count", "-n", "3"])).stdout).toBe("3\n");
    expect((await plimsoll(["events", "--capture", path, "--limit", "2"])).stdout.split("\n")).toHaveLength(3);
    for (const input of [bytes, gzipSync(bytes)]) {
      expect((await plimsoll(["events", "--capture", "-", "--count"], { input })).stdout).toBe("5\n");
    }
  });

  test.each([
    ["raw", (whole: Buffer) => whole.subarray(0, whole.length - 30)],
    ["packed", (whole: Buffer) => gzipSync(whole).subarray(0, -30)],
  ])("prints what a capture that is cut off has, says so, and ends with 3: %s", async (name, cut) => {
    const damaged = join(plimsoll.folder, `${name}.scap`);
    writeFileSync(damaged, cut(openingCapture(200)));
    const { code, stdout, stderr } = await plimsoll(["events", "--capture", damaged, "--count"]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^note: the capture .* cannot be read from byte \d+: .*cut off.*\n$/);
    expect(Number(stdout)).toBeGreaterThan(name === "raw" ? 198 : 0);
    expect(Number(stdout)).toBeLessThan(200);
  });

  test.each<[string, number, readonly string[], RegExp]>([
    ["no capture is named", 2, [], /required option '-r, --capture <file>' not specified/],
    ["there is no such file", 3, ["--capture", "nowhere.scap"], /nowhere.scap cannot be opened: it does not exist/],
    ["a folder is named", 3, ["--capture", "."], /\. is not a regular file/],
    ["the file is no capture", 3, ["--capture", "/etc/passwd"], /\/etc\/passwd is not a \.scap capture/],
    [
      "the filter names no field",
      2,
      ["--capture", path, "--filter", "evt.typ = a"],
      /at character 1 \("evt.typ = a"\)/,
    ],
    ["the filter ends early", 2, ["--capture", path, "--filter", "evt.type ="], /at character 11, its end/],
    ["the filter is empty", 2, ["--capture", path, "--filter", ""], /the value of --filter is empty/],
    ["a type of events does not exist", 2, ["--capture", path, "--filter", "evt.type = no"], /unknown event type no/],
    ["the output names no field", 2, ["--capture", path, "--output", "%evt.num %no"], /at character 10 \("%no"\)/],
    [
      "two filters were given",
      2,
      ["--capture", path, "--filter", "evt.num = 1", "evt.num=2"],
      /two filters were given/,
    ],
    ["the limit is not a number", 2, ["--capture", path, "--limit", "0"], /Expected a number above 0/],
  ])("says in one error what is wrong when %s", async (_, code, args, message) => {
    const result = await plimsoll(["events", ...args]);
    expect(result.stderr).toMatch(/^error: .+\n( {7}.+\n)?$/);
    expect(result.stderr).toMatch(message);
    expect(result).toMatchObject({ code, stdout: "" });
  });

  test("a reader that stops early, as head does, ends it without an error", async () => {
    const large = join(plimsoll.folder, "large.scap");
    writeFileSync(large, openingCapture(20_000));
    const { code, signal, stderr } = await plimsoll(["events", "--capture", large], {
      started: (child) => void child.stdout.once("data", () => child.stdout.destroy()),
    });
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: "" });
  });

  test("a block that declares a gigabyte is refused in little memory", async () => {
    const block = Buffer.alloc(8);
    block.writeUInt32LE(0x216, 0);
    block.writeUInt32LE(1 << 30, 4);
    const input = Buffer.concat([bytes, block, Buffer.alloc(1000)]);
    const { code, stdout, stderr } = await plimsoll(["events", "--capture", "-", "--count"], {
      input,
      env: { NODE_OPTIONS: "--max-old-space-size=64" },
    });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "5\n" });
    expect(stderr).toMatch(/^note: the capture .*1073741824.*\n$/);
  });
});

describeWithCorpus("plimsoll events, over a capture that was recorded", () => {
  const recorded = (name: string): string => corpusPath("runtime", "captures", name, `${name}.scap`);
  const list = corpusJson<{ captures: { name: string; events: number; head_events: number }[] }>(
    "runtime/captures/list.json",
  );

  test("counts as the newer library does, and with --compat 0.40 as the older", async () => {
    const capture = list.captures.find(({ name }) => name === "cat_write");
    const counted = async (...more: string[]): Promise<number> =>
      Number((await plimsoll(["events", "--capture", recorded("cat_write"), "--count", ...more])).stdout);
    expect(capture).toBeDefined();
    expect(await counted()).toBe(capture?.head_events);
    expect(await counted("--compat", "0.40")).toBe(capture?.events);
  });

  test("knows the processes that were there before it began", async () => {
    const filter = ["--filter", "evt.type = execve", "--output", "%proc.cmdline"];
    const { stdout } = await plimsoll(["events", "--capture", recorded("cat_write"), ...filter]);
    expect(stdout).toBe("cat /dev/null\n");
  });
});
