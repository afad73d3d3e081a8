// amazon-cognito-identity-js: a user's whole life, with SRP sign-in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { InitiateAuthCommand, NotAuthorizedException } from "@aws-sdk/client-cognito-identity-provider";
import {
  AuthenticationDetails,
  CognitoRefreshToken,
  CognitoUser,
  CognitoUserAttribute,
  CognitoUserPool,
} from "amazon-cognito-identity-js";
import { Poolhouse, wrong } from "./poolhouse.mjs";

const username = "newcomer";
const email = "newcomer@poolhouse.example";
const changed = "elsewhere@poolhouse.example";
const password = "Correct-Horse-7";

/** Turns a method that ends in a callback (error, result) into a promise. */
const ask = (object, method, ...args) =>
  new Promise((resolve, reject) => {
    object[method](...args, (error, result) => (error ? reject(error) : resolve(result)));
  });

/** Turns a method that ends in {onSuccess, onFailure, …} into a promise of what succeeded or was asked for. */
const follow = (object, method, ...args) =>
  new Promise((resolve, reject) => {
    object[method](...args, {
      onSuccess: (result) => resolve(result),
      onFailure: reject,
      inputVerificationCode: resolve,
      newPasswordRequired: () => reject(new Error("a new password is asked for")),
    });
  });

const named = (name) => (error) => error.name === name || error.code === name;

const attributesOf = async (user) =>
  Object.fromEntries((await ask(user, "getUserAttributes")).map((it) => [it.getName(), it.getValue()]));

test("sign-up, confirmation, SRP sign-in, attribute verification, refresh and sign-out", async (t) => {
  const server = await Poolhouse.start(t);
  const pool = new CognitoUserPool({
    UserPoolId: server.poolID,
    ClientId: server.clientID,
    endpoint: server.endpoint,
  });
  const user = new CognitoUser({ Username: username, Pool: pool });
  const signIn = (secret) =>
    follow(user, "authenticateUser", new AuthenticationDetails({ Username: username, Password: secret }));

  // The library asks again for some ten seconds when a refresh is refused; this asks once.
  const client = server.client(t);
  const renew = (token) =>
    client.send(
      new InitiateAuthCommand({
        AuthFlow: "REFRESH_TOKEN_AUTH",
        ClientId: server.clientID,
        AuthParameters: { REFRESH_TOKEN: token.getToken() },
      }),
    );

  const attribute = new CognitoUserAttribute({ Name: "email", Value: email });
  const { userSub, userConfirmed, codeDeliveryDetails } = await ask(pool, "signUp", username, password, [attribute], null);
  assert.match(userSub, /^[0-9a-f-]{36}$/);
  assert.equal(userConfirmed, false);
  assert.deepEqual(codeDeliveryDetails, {
    AttributeName: "email",
    DeliveryMedium: "EMAIL",
    Destination: "n***@p***",
  });
  await assert.rejects(signIn(password), named("UserNotConfirmedException"));
  await assert.rejects(
    ask(pool, "signUp", username, password, [attribute], null),
    named("UsernameExistsException"),
  );

  const first = await server.message(email);
  await assert.rejects(ask(user, "confirmRegistration", wrong(first.code), false), named("CodeMismatchException"));
  await ask(user, "resendConfirmationCode");
  const second = await server.message(email, [first.id]);
  assert.equal(await ask(user, "confirmRegistration", second.code, false), "SUCCESS");

  await assert.rejects(signIn("Wrong-Horse-7"), (error) => {
    return named("NotAuthorizedException")(error) && error.message === "Incorrect username or password.";
  });
  const session = await signIn(password);
  assert.ok(session.isValid());
  assert.equal(session.getIdToken().payload.sub, userSub);
  assert.equal(session.getAccessToken().payload.username, username);
  assert.equal((await attributesOf(user)).email_verified, "true");

  await ask(user, "updateAttributes", [new CognitoUserAttribute({ Name: "email", Value: changed })]);
  assert.equal((await attributesOf(user)).email_verified, "false");
  const seen = (await server.inbox(changed)).map(({ id }) => id);
  await follow(user, "getAttributeVerificationCode", "email");
  const { code } = await server.message(changed, seen);
  await assert.rejects(follow(user, "verifyAttribute", "email", wrong(code)), named("CodeMismatchException"));
  assert.equal(await follow(user, "verifyAttribute", "email", code), "SUCCESS");
  const verified = await attributesOf(user);
  assert.equal(verified.email, changed);
  assert.equal(verified.email_verified, "true");

  const refresh = new CognitoRefreshToken({ RefreshToken: session.getRefreshToken().getToken() });
  const renewed = await ask(user, "refreshSession", refresh);
  assert.notEqual(renewed.getAccessToken().getJwtToken(), session.getAccessToken().getJwtToken());
  assert.equal(renewed.getAccessToken().payload.sub, userSub);
  assert.equal((await attributesOf(user)).email, changed);

  assert.equal(await follow(user, "globalSignOut"), "SUCCESS");
  await assert.rejects(renew(refresh), NotAuthorizedException);
  await assert.rejects(ask(user, "getUserAttributes"), (error) => {
    return named("NotAuthorizedException")(error) && error.message === "Access Token has been revoked";
  });

  const last = (await signIn(password)).getRefreshToken();
  await ask(user, "signOut"); // revokes the refresh token at the server
  await assert.rejects(renew(last), NotAuthorizedException);
});
