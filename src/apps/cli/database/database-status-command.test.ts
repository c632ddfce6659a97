import { expect, test } from "vitest";
import type { DatabaseStatus } from "../../../model/findings/advisory.ts";
import { statusText } from "./database-status-command.ts";

const status: DatabaseStatus = {
  kind: "file",
  path: "a.sqlite",
  builtAt: "2025-03-01T00:00:00Z",
  source: "a test",
  records: 1,
  ecosystems: [],
  parts: [],
};

test.each([
  ["2025-03-01T12:00:00Z", "today"],
  ["2025-03-02T12:00:00Z", "yesterday"],
  ["2025-03-11T12:00:00Z", "10 days ago"],
  ["2025-02-28T12:00:00Z", "today"],
  ["2025-02-19T00:00:00Z", "10 days from now"],
])("on %s a database of 1 March 2025 was built %s", (now, age) => {
  expect(statusText(status, new Date(now))).toContain(`built 2025-03-01T00:00:00Z (${age}) from a test`);
});
