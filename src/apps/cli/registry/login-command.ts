import { Command } from "commander";
import { PlimsollError } from "../../../model/error.ts";
import { dockerHub } from "../../../model/packages/reference.ts";
import { printable } from "../../../reporters/terminal-text.ts";
import { ask, askSecret, readAll } from "../terminal/ask.ts";
import { writeNote, writeOut } from "../terminal/output.ts";
import { addRegistryOptions, type RegistryFlags, registryAccess, registryName } from "./registry-options.ts";

interface LoginFlags extends RegistryFlags {
  readonly username?: string;
  readonly passwordStdin?: boolean;
}

/** `plimsoll login [REGISTRY]`. */
export function loginCommand(signal: AbortSignal): Command {
  const command = new Command("login")
    .summary("store a credential for a registry")
    .description("Verify a credential with a registry, and store it where docker login does.")
    .argument("[registry]", "HOST or HOST:PORT", dockerHub)
    .option("-u, --username <name>", "user name (default: prompt)")
    .option("--password-stdin", "read the password or access token from standard input");
  return addRegistryOptions(command)
    .addHelpText(
      "before",
      [
        "Examples:",
        "  plimsoll login registry.example.com",
        "  echo $TOKEN | plimsoll login ghcr.io -u ada --password-stdin",
        "",
      ].join("\n"),
    )
    .action(async (name: string, flags: LoginFlags) => {
      const registry = registryName(name);
      const username = flags.username ?? (await ask(`User of ${registry}: `, signal));
      const password = flags.passwordStdin ? await readAll(signal) : await askSecret("Password or token: ", signal);
      refuseImpossible(username, password);
      const login = { registry, username, password };
      const { logIn } = await import("../../../pipeline/registry/log-in.ts");
      const { place, proved, rivals } = await logIn(login, { access: registryAccess(flags), signal });
      const where = place.helper === undefined ? place.path : `docker-credential-${place.helper}`;
      writeOut(`Logged in to ${registry}; the credential is in ${printable(where)}\n`);
      if (!proved) writeNote(`${registry} requires no credentials, so the password could not be verified`);
      for (const rival of rivals) writeNote(`${rival} takes precedence over the credential that was just stored`);
      if (place.helper === undefined) {
        writeNote(
          "the credential is not encrypted",
          `Every user who can read ${place.path} can read the credential. Set credsStore in that file to use a credential helper.`,
        );
      }
    });
}

function refuseImpossible(username: string, password: string): void {
  const wrong = (message: string, hint: string): PlimsollError => new PlimsollError("usage", message, { hint });
  if (username === "") throw wrong("no user name given", "Give --username NAME.");
  if (username.includes(":"))
    throw wrong("a user name must not contain a colon", "Give the user name without the password.");
  if (password !== "") return;
  throw wrong("the password is empty", "Check that the variable with the password or token is set.");
}

/** `plimsoll logout [REGISTRY]`. */
export function logoutCommand(signal: AbortSignal): Command {
  return new Command("logout")
    .summary("remove a stored credential")
    .description("Remove the stored credential of a registry.")
    .argument("[registry]", "HOST or HOST:PORT", dockerHub)
    .action(async (name: string) => {
      const registry = registryName(name);
      const { logOut } = await import("../../../pipeline/registry/log-in.ts");
      const { removed, path } = await logOut(registry, { access: registryAccess({}), signal });
      writeOut(
        removed
          ? `Logged out of ${registry}\n`
          : `Not logged in to ${registry}: ${printable(path)} has no credential for it\n`,
      );
    });
}
