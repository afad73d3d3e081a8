// The app of the browser and React Native tests: signs in and verifies an attribute, one function a step.

import {
  CognitoIdentityProviderClient,
  DescribeUserPoolCommand,
  GetUserAttributeVerificationCodeCommand,
  GetUserCommand,
  InitiateAuthCommand,
  VerifyUserAttributeCommand,
} from "@aws-sdk/client-cognito-identity-provider";

let client;
let accessToken;

/** Takes the configuration of an SDK client. */
export function connect(config) {
  client = new CognitoIdentityProviderClient(config);
}

/** Names the platform that the SDK believes to run on. */
export async function runtime() {
  return client.config.runtime;
}

/** Signs in with the password and keeps the access token. */
export async function signIn(clientID, username, password) {
  const { AuthenticationResult } = await client.send(
    new InitiateAuthCommand({
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId: clientID,
      AuthParameters: { USERNAME: username, PASSWORD: password },
    }),
  );
  accessToken = AuthenticationResult.AccessToken;
  return AuthenticationResult.TokenType;
}

/** Asks for a code and returns where it went. */
export async function requestCode(attribute) {
  const { CodeDeliveryDetails } = await client.send(
    new GetUserAttributeVerificationCodeCommand({ AccessToken: accessToken, AttributeName: attribute }),
  );
  return CodeDeliveryDetails;
}

/** Spends a code. */
export async function verify(attribute, code) {
  await client.send(
    new VerifyUserAttributeCommand({ AccessToken: accessToken, AttributeName: attribute, Code: code }),
  );
}

/** The signed-in user's attributes as one object. */
export async function user() {
  const { UserAttributes } = await client.send(new GetUserCommand({ AccessToken: accessToken }));
  return Object.fromEntries(UserAttributes.map(({ Name, Value }) => [Name, Value]));
}

/** The name of a pool, read with a signed request. */
export async function poolName(id) {
  const { UserPool } = await client.send(new DescribeUserPoolCommand({ UserPoolId: id }));
  return UserPool.Name;
}

/** Runs a step that is to fail and returns what an app sees of the error. */
export async function failure(step, ...args) {
  try {
    await steps[step](...args);
  } catch (error) {
    return {
      name: error.name,
      message: error.message,
      status: error.$metadata?.httpStatusCode,
      requestID: error.$metadata?.requestId,
    };
  }
  throw new Error(`${step} succeeded`);
}

const steps = { signIn, requestCode, verify, user, poolName };
