// The inbox in a browser: it finds new messages by itself and lets none of them run a script or call out.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  GetUserAttributeVerificationCodeCommand,
  UpdateUserPoolCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { openBrowser } from "./browser.mjs";
import { Poolhouse } from "./poolhouse.mjs";

const hostile =
  '<p id="mark">untouched</p><p id="code">{####}</p>' +
  '<script>document.getElementById("mark").textContent = "run"; top.document.title = "taken over"</script>' +
  '<img src="http://127.0.0.1:9/pixel" onerror="document.getElementById(`mark`).textContent = `run`">';

test("a new message appears, and its script does not run", async (t) => {
  const server = await Poolhouse.start(t);
  const client = server.client(t);
  const browser = await openBrowser(t);
  const page = await browser.newPage();
  const requested = new Set();
  page.on("requestfinished", (request) => requested.add(request.url()));
  page.on("requestfailed", (request) => {
    // A request that the page's policy forbids never leaves the browser.
    if (request.failure().errorText !== "csp") requested.add(request.url());
  });
  await page.goto(server.console);
  assert.equal(await page.locator("iframe").count(), 0);

  await client.send(
    new UpdateUserPoolCommand({ UserPoolId: server.poolID, EmailVerificationMessage: hostile }),
  );
  const AccessToken = await server.signIn(client);
  await client.send(new GetUserAttributeVerificationCodeCommand({ AccessToken, AttributeName: "email" }));
  const { code, to } = await server.message();

  const message = page.frameLocator("iframe");
  await message.locator("#code").waitFor({ timeout: 15_000 });
  assert.equal(await message.locator("#code").innerText(), code);
  assert.equal(await message.locator("#mark").innerText(), "untouched");
  assert.doesNotMatch(await page.title(), /taken over/);
  const shown = await page.locator("body").innerText();
  for (const wanted of [code, to, server.username]) assert.ok(shown.includes(wanted), `${wanted} in ${shown}`);
  assert.deepEqual([...requested], [server.console]);
});
