// Mail servers that refuse: the exception that each refusal becomes, and the older code that stays good.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CodeDeliveryFailureException,
  GetUserAttributeVerificationCodeCommand,
  GetUserCommand,
  InvalidEmailRoleAccessPolicyException,
  VerifyUserAttributeCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { codeOf, MailServer } from "./mail_server.mjs";
import { attributes, Poolhouse, secretFile } from "./poolhouse.mjs";

const refusals = [
  {
    name: "a refused recipient",
    refuse: { recipient: { code: 550, text: "5.1.1 relay-7 knows no such mailbox" } },
    want: CodeDeliveryFailureException,
  },
  {
    name: "a refused sender",
    refuse: { sender: { code: 550, text: "5.7.1 relay-7 does not send for you" } },
    want: InvalidEmailRoleAccessPolicyException,
  },
];

for (const { name, refuse, want } of refusals) {
  test(`${name} is a ${want.name} and leaves the earlier code good`, async (t) => {
    const mail = await MailServer.start(t);
    const server = await Poolhouse.start(t, "--smtp-url", mail.url);
    const client = server.client(t);
    const AccessToken = await server.signIn(client);
    const request = new GetUserAttributeVerificationCodeCommand({ AccessToken, AttributeName: "email" });
    await client.send(request);
    const earlier = codeOf(await mail.take());

    mail.refuse = refuse;
    await assert.rejects(
      client.send(request),
      (error) => error instanceof want && !error.message.includes("relay-7"),
    );
    assert.equal(mail.held, 0);

    await client.send(new VerifyUserAttributeCommand({ AccessToken, AttributeName: "email", Code: earlier }));
    const after = attributes(await client.send(new GetUserCommand({ AccessToken })));
    assert.equal(after.email_verified, "true");
  });
}

const account = { user: "poolhouse", password: "correct horse" };

for (const { name, password, want } of [
  { name: "the right password", password: account.password },
  { name: "a wrong password", password: "wrong horse", want: InvalidEmailRoleAccessPolicyException },
  { name: "no login at all", want: InvalidEmailRoleAccessPolicyException },
]) {
  test(`a mail server that asks for a login, and ${name}`, async (t) => {
    const mail = await MailServer.start(t, account);
    const login = password ? ["--smtp-user", account.user, "--smtp-password-file", await secretFile(t, password)] : [];
    const server = await Poolhouse.start(t, "--smtp-url", mail.url, ...login);
    const client = server.client(t);
    const AccessToken = await server.signIn(client);
    const request = new GetUserAttributeVerificationCodeCommand({ AccessToken, AttributeName: "email" });
    if (want) {
      await assert.rejects(
        client.send(request),
        (error) => error instanceof want && !error.message.includes("relay-7"),
      );
      assert.equal(mail.held, 0);
    } else {
      await client.send(request);
      assert.match(codeOf(await mail.take()), /^\d{6}$/);
    }
  });
}

test("a mail server that is not there", async (t) => {
  const server = await Poolhouse.start(t, "--smtp-url", "smtp://127.0.0.1:1?tls=none");
  const client = server.client(t);
  const AccessToken = await server.signIn(client);
  await assert.rejects(
    client.send(new GetUserAttributeVerificationCodeCommand({ AccessToken, AttributeName: "email" })),
    (error) => error instanceof CodeDeliveryFailureException && !error.message.includes("127.0.0.1"),
  );
});
