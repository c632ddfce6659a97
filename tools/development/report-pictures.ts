// `node tools/development/report-pictures.ts`: takes the pictures of the HTML report in docs/pictures, of a scan of the image of
// `npm run demo`. Needs Debian's chromium.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { startBrowser } from "../../tests/setup/browser.ts";
import { demoImage } from "./demo-image.ts";

const root = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "plimsoll-pictures-"));
const browser = await startBrowser();
try {
  writeFileSync(join(folder, "shop.tar"), demoImage());
  const args = ["scan", "shop.tar", "--offline", "--fail-on", "high", "--format", "html", "--output", "report.html"];
  spawnSync(process.execPath, [join(root, "src/apps/cli/main.ts"), ...args], { cwd: folder, stdio: "inherit" });
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1280, height: 1480 } });
    await page.goto(pathToFileURL(join(folder, "report.html")).href);
    await page.screenshot({ path: join(root, `docs/pictures/report-${colorScheme}.png`) });
    await page.close();
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
