// Text messages: a code that leaves through Amazon SNS's Publish at a configured endpoint.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CodeDeliveryFailureException,
  GetUserAttributeVerificationCodeCommand,
  GetUserCommand,
  VerifyUserAttributeCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { attributes, Poolhouse, secretFile } from "./poolhouse.mjs";
import { SMSServer } from "./sms_server.mjs";

test("a code arrives by SMS and verifies the phone number", async (t) => {
  const sms = await SMSServer.start(t);
  const server = await Poolhouse.start(
    t,
    ...["--sns-endpoint", sms.url],
    ...["--sns-access-key-id", "AKIDEXAMPLE"],
    ...["--sns-secret-access-key-file", await secretFile(t, "example")],
  );
  const client = server.client(t);
  const AccessToken = await server.signIn(client);
  const { phone_number: number } = attributes(await client.send(new GetUserCommand({ AccessToken })));

  const request = new GetUserAttributeVerificationCodeCommand({ AccessToken, AttributeName: "phone_number" });
  const { CodeDeliveryDetails } = await client.send(request);
  assert.deepEqual(CodeDeliveryDetails, {
    AttributeName: "phone_number",
    DeliveryMedium: "SMS",
    Destination: `+${"*".repeat(number.length - 5)}${number.slice(-4)}`,
  });
  assert.equal(sms.messages.length, 1);
  const [message] = sms.messages;
  assert.equal(message.to, number);
  assert.match(message.authorization, /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/sns\/aws4_request,/);
  const [code] = message.text.match(/\b\d{6}\b/);

  sms.refuse = { status: 500, code: "InternalError", message: "relay-7 is down" };
  await assert.rejects(
    client.send(request),
    (error) => error instanceof CodeDeliveryFailureException && !error.message.includes("relay-7"),
  );
  await client.send(new VerifyUserAttributeCommand({ AccessToken, AttributeName: "phone_number", Code: code }));
  const after = attributes(await client.send(new GetUserCommand({ AccessToken })));
  assert.equal(after.phone_number_verified, "true");
});
