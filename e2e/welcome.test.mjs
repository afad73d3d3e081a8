// What a newcomer sees: the welcome of `poolhouse dev`, and the call to paste that stands in it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { binary } from "./poolhouse.mjs";

/** The arguments that a shell makes of a curl command. */
async function argumentsOf(command) {
  const shell = spawn("sh", ["-s"], { stdio: ["pipe", "pipe", "inherit"] });
  shell.stdin.end(`curl() { printf '%s\\0' "$@"; }\n${command}\n`);
  return (await text(shell.stdout)).split("\0").slice(0, -1);
}

test("the call in the welcome signs the demo user in", async (t) => {
  const server = spawn(binary, ["dev", "--memory", "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(server, "exit");
  t.after(async () => {
    server.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null]);
  });
  let welcome = "";
  server.stdout.setEncoding("utf8");
  for await (const part of server.stdout.iterator({ destroyOnReturn: false })) {
    welcome += part;
    if (welcome.includes("Ctrl-C")) break;
  }
  server.stdout.resume();

  const command = welcome.match(/^ *curl (?:.*\\\n)*.*$/m)?.[0];
  assert.ok(command, `no call in the welcome:\n${welcome}`);
  const given = await argumentsOf(command);
  const url = given.find((arg) => arg.startsWith("http"));
  const headers = given.filter((_, i) => given[i - 1] === "-H").map((header) => header.split(/:\s*/, 2));
  const response = await fetch(url, { method: "POST", headers, body: given[given.indexOf("-d") + 1] });
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  assert.equal(answer.AuthenticationResult.TokenType, "Bearer");
});
