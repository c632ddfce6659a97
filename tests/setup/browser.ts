import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const path = (process.env["PATH"] ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "chromium"))
  .find((program) => existsSync(program));

/** Why no page can be opened here; undefined when Chromium is installed. */
export const browserObstacle: string | undefined = path === undefined ? "chromium is not installed" : undefined;

/** Starts the Chromium of the machine, without a window. */
export function startBrowser(): Promise<Browser> {
  // Chromium refuses to run as root with its sandbox; the pages of the tests are our own.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ args, ...(path !== undefined && { executablePath: path }) });
}
