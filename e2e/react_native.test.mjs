// The SDK built with its react-native entry points, run with nothing but React Native's globals.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { bundleForReactNative } from "./bundle.mjs";
import { Poolhouse, wrong } from "./poolhouse.mjs";

const host = fileURLToPath(new URL("react_native_host.mjs", import.meta.url));

/** Starts the app of a script and returns a function that calls it. */
async function startApp(t, script) {
  const folder = await mkdtemp(join(tmpdir(), "poolhouse-e2e-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "app.js");
  await writeFile(path, script);
  const child = spawn(process.execPath, [host, path], { stdio: ["pipe", "pipe", "inherit"] });
  t.after(async () => {
    const ended = once(child, "exit");
    child.stdin.end();
    const [code] = await ended;
    assert.equal(code, 0);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (call, ...args) => {
    child.stdin.write(`${JSON.stringify({ call, args })}\n`);
    const { value: line, done } = await lines.next();
    assert.ok(!done, "the app ended");
    const answer = JSON.parse(line);
    assert.equal(answer.error, undefined, answer.stack);
    return answer.value;
  };
}

test("the app verifies an email address", async (t) => {
  const server = await Poolhouse.start(t);
  const { script, modules } = await bundleForReactNative("attribute_verification.mjs");
  assert.ok(
    modules.some((path) => path.endsWith("client-cognito-identity-provider/dist-es/runtimeConfig.native.js")),
    "the bundle holds the SDK's react-native entry points",
  );
  assert.deepEqual(modules.filter((path) => path.includes("dist-cjs")), [], "and none of its Node.js build");
  assert.doesNotMatch(script, /\b(?:require|import)\(\s*["']|from\s+["']node:/);

  const call = await startApp(t, script);
  await call("connect", { region: server.region, endpoint: server.endpoint });
  assert.equal(await call("runtime"), "react-native");

  assert.equal(await call("signIn", server.clientID, server.username, server.password), "Bearer");
  const { email, email_verified: before } = await call("user");
  assert.notEqual(before, "true");
  const [local, domain] = email.split("@");
  assert.deepEqual(await call("requestCode", "email"), {
    AttributeName: "email",
    DeliveryMedium: "EMAIL",
    Destination: `${local[0]}***@${domain[0]}***`,
  });
  const { code } = await server.message(email);

  const error = await call("failure", "verify", "email", wrong(code));
  assert.equal(error.name, "CodeMismatchException");
  assert.equal(error.message, "Invalid verification code provided, please try again.");
  assert.equal(error.status, 400);
  assert.match(error.requestID, /^[0-9a-f-]{36}$/);

  await call("verify", "email", code);
  assert.equal((await call("user")).email_verified, "true");
});
