// A code's age: 24 hours, told by the clock that a test may move.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ExpiredCodeException,
  GetUserAttributeVerificationCodeCommand,
  GetUserCommand,
  NotAuthorizedException,
  VerifyUserAttributeCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { attributes, Poolhouse } from "./poolhouse.mjs";

for (const { name, after, good } of [
  { name: "a code is good for 23 hours", after: "23h", good: true },
  { name: "a code is worthless after 25 hours", after: "25h", good: false },
]) {
  test(name, async (t) => {
    const server = await Poolhouse.start(t);
    const client = server.client(t);
    const old = await server.signIn(client);
    const { email } = attributes(await client.send(new GetUserCommand({ AccessToken: old })));
    await client.send(new GetUserAttributeVerificationCodeCommand({ AccessToken: old, AttributeName: "email" }));
    const { code } = await server.message(email);

    await server.advance(after);
    await assert.rejects(
      client.send(new GetUserCommand({ AccessToken: old })),
      (error) => error instanceof NotAuthorizedException && error.message === "Access Token has expired",
    );
    const verify = new VerifyUserAttributeCommand({
      AccessToken: await server.signIn(client),
      AttributeName: "email",
      Code: code,
    });
    if (good) await client.send(verify);
    else await assert.rejects(client.send(verify), (error) => error instanceof ExpiredCodeException);
  });
}
