import { afterEach, expect, test } from "vitest";
import type { Alert } from "../../model/events/alert.ts";
import { formatAlertJson, formatAlertText } from "./format-alert.ts";
import { internalAlert } from "./internal-alert.ts";
import { jsonValue } from "./json-text.ts";

const zone = process.env["TZ"];
afterEach(() => {
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

const alert: Alert = {
  rule: "Write below etc",
  priority: "Informational",
  source: "syscall",
  time: 1_470_327_477_000_000_042n,
  message: 'opened\nfor \u001b[31m (user=ro"ot \\ file=/etc/ü\u007f)',
  tags: ["b", "a", "b"],
  fields: [
    ["user.name", "root"],
    ["fd.name", null],
    ["evt.rawarg.x", 18_446_744_073_709_551_615n],
    ["proc.tty", -1],
    ["evt.is_wait", false],
    ["ka.req.pod.containers.image", ["a", "b"]],
    ["user.name", "eve"],
  ],
  hostname: "node-1",
  eventNumber: 9,
};

test("a line of text has time, priority and message, and nothing in it can begin another line", () => {
  expect(formatAlertText(alert, { timeFormat: "iso" })).toBe(
    '2016-08-04T16:17:57.000000042+0000: Informational opened\\nfor \\u001b[31m (user=ro\\"ot \\\\ file=/etc/ü\u007f)',
  );
  expect(formatAlertText({ ...alert, message: 'a\n"b"' }, { timeFormat: "iso", isRaw: true })).toMatch(/ a\n"b"$/);
});

test("local time is the time of day where the program runs", () => {
  process.env["TZ"] = "Asia/Kolkata";
  expect(formatAlertText({ ...alert, message: "m" }, { timeFormat: "local" })).toBe(
    "21:47:57.000000042: Informational m",
  );
});

test("JSON has sorted names, the fields with the time, and numbers in full", () => {
  process.env["TZ"] = "UTC";
  expect(formatAlertJson({ ...alert, message: "m" }, { timeFormat: "local", includeMessage: true })).toBe(
    '{"hostname":"node-1","message":"m","output":"16:17:57.000000042: Informational m","output_fields":{' +
      '"evt.is_wait":false,"evt.rawarg.x":18446744073709551615,"evt.time":1470327477000000042,"fd.name":null,' +
      '"ka.req.pod.containers.image":["a","b"],"proc.tty":-1,"user.name":"eve"},"priority":"Informational",' +
      '"rule":"Write below etc","source":"syscall","tags":["a","b"],"time":"2016-08-04T16:17:57.000000042Z"}',
  );
});

test("parts of the JSON can be left out", () => {
  const options = { timeFormat: "iso", includeOutput: false, includeTags: false, includeFields: false } as const;
  const { hostname: _, ...homeless } = alert;
  expect(formatAlertJson(homeless, { ...options, hostname: "given" })).toBe(
    '{"hostname":"given","priority":"Informational","rule":"Write below etc","source":"syscall",' +
      '"time":"2016-08-04T16:17:57.000000042Z"}',
  );
});

test("alerts of the program itself carry their fields in the text and no tags", () => {
  process.env["TZ"] = "UTC";
  const own = internalAlert("events dropped", {
    message: "7 events were dropped.",
    priority: "Debug",
    time: alert.time,
    fields: [
      ["n_evts", "20"],
      ["n_drops", 7],
    ],
  });
  expect(formatAlertText(own, { timeFormat: "iso" })).toBe(
    '16:17:57.000000042: Debug Plimsoll internal: events dropped. 7 events were dropped. (n_drops=7 n_evts="20")',
  );
  expect(formatAlertJson(own, { timeFormat: "iso", hostname: "h" })).toBe(
    '{"hostname":"h","output":"Plimsoll internal: events dropped. 7 events were dropped.","output_fields":' +
      '{"n_drops":7,"n_evts":"20"},"priority":"Debug","rule":"Plimsoll internal: events dropped",' +
      '"source":"internal","time":"2016-08-04T16:17:57.000000042Z"}',
  );
});

test("JSON is well-formed whatever a text holds", () => {
  const message = String.fromCharCode(...Array.from({ length: 0x100 }, (_, code) => code), 0xd800, 0x2028);
  const json = formatAlertJson({ ...alert, message, fields: [[message, message]] }, { timeFormat: "iso" });
  const clean = message.toWellFormed();
  expect(JSON.parse(json)).toMatchObject({ output_fields: { [clean]: clean } });
  expect(json).not.toMatch(/[\0-\x1f]/);
});

test("a time that no calendar has still gives a line", () => {
  expect(formatAlertText({ ...alert, message: "m", time: 2n ** 64n - 1n }, { timeFormat: "iso" })).toMatch(
    /^2554-07-21T/,
  );
  expect(formatAlertText({ ...alert, message: "m", time: -1n }, { timeFormat: "iso" })).toMatch(/^2554-07-21T/);
});

test.each([
  [0, "0"],
  [-5, "-5"],
  [1e20, "100000000000000000000"],
  [0.5, "0.5"],
  [0.0001234, "0.0001234"],
  [0.00001, "1e-05"],
  [-1.5e-10, "-1.5e-10"],
  [123_456_789.25, "123456789.25"],
  [1e300, "1e+300"],
  [Number.NaN, "null"],
  [2n ** 64n - 1n, "18446744073709551615"],
])("%s prints as %s", (value, text) => {
  expect(jsonValue(value)).toBe(text);
});
