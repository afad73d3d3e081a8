// The SDK in Node.js: the program of its own documentation, with a real SMTP server behind Poolhouse.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  CodeMismatchException,
  ExpiredCodeException,
  GetUserCommand,
  NotAuthorizedException,
  VerifyUserAttributeCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { codeOf, MailServer } from "./mail_server.mjs";
import { attributes, Poolhouse, wrong } from "./poolhouse.mjs";

const folder = fileURLToPath(new URL(".", import.meta.url));
const program = readFileSync(`${folder}/programs/get-user-attribute-verification-code.mjs`, "utf8");

/** Fills in the program's config and its values, in order, and changes nothing else. */
function filledIn(config, values) {
  const rest = [...values];
  const filled = program
    .replace("const config = {};", () => `const config = ${JSON.stringify(config)};`)
    .replace(/^(?!\/\/)(.*)"STRING_VALUE"/gm, (_, before) => before + JSON.stringify(rest.shift()));
  assert.equal(rest.length, 0, "the program has a place for every value");
  return filled;
}

/** Runs the program in a Node.js of its own; one line behind it prints what it got. */
async function run(source) {
  const child = spawn(process.execPath, ["--input-type=module"], { cwd: folder });
  child.stdin.end(`${source}\nconsole.log(JSON.stringify(response));\n`);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

test("the program is the one that the SDK documents", () => {
  const types = "node_modules/@aws-sdk/client-cognito-identity-provider/dist-types/commands";
  const page = readFileSync(`${folder}/${types}/GetUserAttributeVerificationCodeCommand.d.ts`, "utf8");
  const example = page.match(/```javascript\n([^]*?)\n \* ```/)[1].replace(/^ \* ?/gm, "");
  assert.equal(program.trimEnd(), example.trimEnd());
});

test("a code arrives by SMTP and verifies the email address", async (t) => {
  const mail = await MailServer.start(t);
  const server = await Poolhouse.start(t, "--smtp-url", mail.url, "--smtp-from", "Poolhouse <no-reply@poolhouse.example>");
  const client = server.client(t);
  const AccessToken = await server.signIn(client);
  const before = attributes(await client.send(new GetUserCommand({ AccessToken })));
  assert.notEqual(before.email_verified, "true");

  const config = { region: server.region, endpoint: server.endpoint };
  const response = await run(filledIn(config, [AccessToken, "email", "welcome"]));
  const [local, domain] = before.email.split("@");
  assert.deepEqual(response.CodeDeliveryDetails, {
    AttributeName: "email",
    DeliveryMedium: "EMAIL",
    Destination: `${local[0]}***@${domain[0]}***`,
  });
  assert.equal(response.$metadata.httpStatusCode, 200);
  assert.match(response.$metadata.requestId, /^[0-9a-f-]{36}$/);

  const received = await mail.take();
  assert.deepEqual(received.envelope.rcptTo.map(({ address }) => address), [before.email]);
  assert.equal(received.envelope.mailFrom.address, "no-reply@poolhouse.example");
  assert.equal(received.message.from.text, '"Poolhouse" <no-reply@poolhouse.example>');
  assert.equal(received.message.subject, "Your verification code");
  const code = codeOf(received);

  await assert.rejects(
    client.send(new VerifyUserAttributeCommand({ AccessToken, AttributeName: "email", Code: wrong(code) })),
    (error) => error instanceof CodeMismatchException,
  );
  await client.send(new VerifyUserAttributeCommand({ AccessToken, AttributeName: "email", Code: code }));
  const after = attributes(await client.send(new GetUserCommand({ AccessToken })));
  assert.equal(after.email_verified, "true");

  await assert.rejects(
    client.send(new VerifyUserAttributeCommand({ AccessToken, AttributeName: "email", Code: code })),
    (error) => error instanceof ExpiredCodeException,
    "a code is good once",
  );
  await assert.rejects(
    client.send(new GetUserCommand({ AccessToken: "not.a.token" })),
    (error) => error instanceof NotAuthorizedException && error.message === "Invalid Access Token",
  );
});
