import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { PlimsollError } from "../../model/error.ts";
import { nameWhatStays } from "./name-what-stays.ts";

const folder = temporaryFolder();
const failure = new PlimsollError("feed-unreachable", "it is not there", { hint: "Try again later." });

test("a run that wrote nothing says that the database in its place is unchanged, not that nothing, an empty file or a folder is", () => {
  const [filled, empty] = [join(folder, "filled.db"), join(folder, "empty.db")];
  writeFileSync(filled, "a database");
  writeFileSync(empty, "");
  const hint = "Try again later. The previous database is unchanged.";
  expect(nameWhatStays(failure, filled)).toMatchObject({ code: "feed-unreachable", hint });
  expect(nameWhatStays(failure, empty)).toBe(failure);
  expect(nameWhatStays(failure, join(folder, "none.db"))).toBe(failure);
  expect(nameWhatStays(failure, join(filled, "below.db"))).toBe(failure);
  expect(nameWhatStays(failure, folder)).toBe(failure);
});
