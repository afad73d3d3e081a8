// The SDK bundled for the browser, in Chromium, on a page of another origin than Poolhouse's.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openBrowser, servePage } from "./browser.mjs";
import { bundleForBrowser } from "./bundle.mjs";
import { Poolhouse, wrong } from "./poolhouse.mjs";

/** A page at an origin, and a function that calls the app on it. */
async function openApp(browser, origin, config) {
  const page = await browser.newPage();
  await page.goto(origin);
  const call = (name, ...args) => page.evaluate(([name, args]) => globalThis.App[name](...args), [name, args]);
  await call("connect", config);
  return { page, call };
}

test("a page of another origin verifies an email address", async (t) => {
  const server = await Poolhouse.start(t);
  const { script } = await bundleForBrowser("attribute_verification.mjs");
  const port = await servePage(t, script);
  const browser = await openBrowser(t);
  const { call } = await openApp(browser, `http://127.0.0.1:${port}/`, {
    region: server.region,
    endpoint: server.endpoint,
  });
  assert.equal(await call("runtime"), "browser");

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

test("who may call from where", async (t) => {
  const server = await Poolhouse.start(t);
  const { script } = await bundleForBrowser("attribute_verification.mjs");
  const port = await servePage(t, script);
  const browser = await openBrowser(t, "app.example");
  const config = { ...server.config, maxAttempts: 1 };
  const near = await openApp(browser, `http://127.0.0.1:${port}/`, config);
  const far = await openApp(browser, `http://app.example:${port}/`, config);

  await t.test("an operation without a signature, from anywhere", async () => {
    for (const { call } of [near, far]) {
      assert.equal(await call("signIn", server.clientID, server.username, server.password), "Bearer");
      const error = await call("failure", "signIn", server.clientID, server.username, "not the password");
      assert.equal(error.name, "NotAuthorizedException");
    }
  });
  await t.test("a signed operation, from loopback only", async () => {
    assert.equal(typeof (await near.call("poolName", server.poolID)), "string");
    const error = await far.call("failure", "poolName", server.poolID);
    assert.equal(error.name, "TypeError", "the browser keeps the answer from the page");
  });
  await t.test("the server's own paths, from no page of another origin", async () => {
    for (const { page } of [near, far]) {
      const read = page.evaluate(
        (url) => fetch(url).then((response) => response.text(), (error) => error.name),
        `${server.endpoint}/_poolhouse/inbox`,
      );
      assert.equal(await read, "TypeError");
    }
  });
});
