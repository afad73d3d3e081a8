// The life of a pool through the SDK in Node.js: everything that can be configured is set, read back, changed and
// deleted, in the order in which a team would do it.

import assert from "node:assert/strict";
import { createHmac, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { CognitoIdentityProvider, paginateAdminListUserAuthEvents, paginateListUsers } from "@aws-sdk/client-cognito-identity-provider";
import { attributes, listen, Poolhouse } from "./poolhouse.mjs";

const account = "123456789012";
const lambda = (name) => `arn:aws:lambda:us-east-1:${account}:function:${name}`;
const role = (name) => `arn:aws:iam::${account}:role/${name}`;
const password = "Correct-Horse-7";
const flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];

/** Every option of a new pool. */
const settings = {
  Policies: {
    PasswordPolicy: {
      MinimumLength: 10,
      RequireUppercase: true,
      RequireLowercase: true,
      RequireNumbers: true,
      RequireSymbols: false,
      PasswordHistorySize: 2,
      TemporaryPasswordValidityDays: 3,
    },
    SignInPolicy: { AllowedFirstAuthFactors: ["PASSWORD", "EMAIL_OTP"] },
  },
  DeletionProtection: "ACTIVE",
  LambdaConfig: {
    PreSignUp: lambda("pre-sign-up"),
    CustomMessage: lambda("custom-message"),
    PostConfirmation: lambda("post-confirmation"),
    PreAuthentication: lambda("pre-authentication"),
    PostAuthentication: lambda("post-authentication"),
    DefineAuthChallenge: lambda("define"),
    CreateAuthChallenge: lambda("create"),
    VerifyAuthChallengeResponse: lambda("verify"),
    UserMigration: lambda("user-migration"),
    PreTokenGeneration: lambda("pre-token"),
    PreTokenGenerationConfig: { LambdaArn: lambda("pre-token"), LambdaVersion: "V2_0" },
    CustomEmailSender: { LambdaArn: lambda("email"), LambdaVersion: "V1_0" },
    CustomSMSSender: { LambdaArn: lambda("sms"), LambdaVersion: "V1_0" },
    InboundFederation: { LambdaArn: lambda("inbound"), LambdaVersion: "V1_0" },
    KMSKeyID: `arn:aws:kms:us-east-1:${account}:key/11111111-2222-4333-8444-555555555555`,
  },
  AutoVerifiedAttributes: ["email"],
  VerificationMessageTemplate: {
    DefaultEmailOption: "CONFIRM_WITH_CODE",
    EmailMessage: "Your code is {####}.",
    EmailSubject: "Your code",
    SmsMessage: "Code: {####}",
    EmailMessageByLink: "Go {##there##}.",
    EmailSubjectByLink: "Your link",
  },
  SmsAuthenticationMessage: "Sign in with {####}",
  MfaConfiguration: "OPTIONAL",
  UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ["email"] },
  DeviceConfiguration: { ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: true },
  EmailConfiguration: {
    EmailSendingAccount: "DEVELOPER",
    SourceArn: `arn:aws:ses:us-east-1:${account}:identity/example.com`,
    From: "Example <no-reply@example.com>",
    ReplyToEmailAddress: "help@example.com",
    ConfigurationSet: "mail",
  },
  SmsConfiguration: { SnsCallerArn: role("sms"), ExternalId: "example", SnsRegion: "us-east-1" },
  UserPoolTags: { team: "identity", stage: "test" },
  AdminCreateUserConfig: {
    AllowAdminCreateUserOnly: true,
    InviteMessageTemplate: {
      EmailMessage: "Hello {username}, your password is {####}.",
      EmailSubject: "Welcome",
      SMSMessage: "{username}: {####}",
    },
  },
  UserPoolAddOns: { AdvancedSecurityMode: "AUDIT", AdvancedSecurityAdditionalFlows: { CustomAuthMode: "AUDIT" } },
  AccountRecoverySetting: {
    RecoveryMechanisms: [
      { Name: "verified_phone_number", Priority: 1 },
      { Name: "verified_email", Priority: 2 },
    ],
  },
  UserPoolTier: "PLUS",
  KeyConfiguration: {
    KeyType: "CUSTOMER_MANAGED_KEY",
    KmsKeyArn: `arn:aws:kms:us-east-1:${account}:key/mrk-11111111222243338444555555555555`,
  },
  IssuerConfiguration: { Type: "ORIGINAL" },
  AcrConfiguration: { Level1: { AcrValue: "low" }, Level4: { AcrValue: "high" } },
};

/** What only a new pool can be told. */
const forGood = {
  AliasAttributes: ["email", "preferred_username"],
  UsernameConfiguration: { CaseSensitive: false },
};

const schema = [
  { Name: "email", Required: true, Mutable: true },
  {
    Name: "shoe_size",
    AttributeDataType: "Number",
    Mutable: true,
    NumberAttributeConstraints: { MinValue: "10", MaxValue: "60" },
  },
  { Name: "badge", AttributeDataType: "String", Mutable: false, StringAttributeConstraints: { MinLength: "1", MaxLength: "8" } },
  { Name: "audit", AttributeDataType: "String", DeveloperOnlyAttribute: true, StringAttributeConstraints: {} },
];

/** The standard attributes exactly as Terraform knows them; any deviation would be a change to it. */
const text = (Name, MinLength = "0", MaxLength = "2048") => ({
  Name,
  AttributeDataType: "String",
  DeveloperOnlyAttribute: false,
  Mutable: true,
  Required: false,
  StringAttributeConstraints: { MinLength, MaxLength },
});
const flag = (Name) => ({
  Name,
  AttributeDataType: "Boolean",
  DeveloperOnlyAttribute: false,
  Mutable: true,
  Required: false,
});
const standard = [
  { ...text("sub", "1"), Mutable: false, Required: true },
  ...["name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website"].map((name) => text(name)),
  text("email"),
  flag("email_verified"),
  text("gender"),
  text("birthdate", "10", "10"),
  text("zoneinfo"),
  text("locale"),
  text("phone_number"),
  flag("phone_number_verified"),
  text("address"),
  {
    Name: "updated_at",
    AttributeDataType: "Number",
    DeveloperOnlyAttribute: false,
    Mutable: true,
    Required: false,
    NumberAttributeConstraints: { MinValue: "0" },
  },
  { ...text("identities"), StringAttributeConstraints: {} },
];

/** Fails unless actual has every member of expected; further members of objects are fine. */
function holds(actual, expected, at = "answer") {
  if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual) && actual.length === expected.length, `${at}: ${JSON.stringify(actual)}`);
    expected.forEach((element, i) => holds(actual[i], element, `${at}[${i}]`));
  } else if (expected !== null && typeof expected === "object") {
    assert.ok(actual !== null && typeof actual === "object", `${at}: ${JSON.stringify(actual)}`);
    for (const [name, value] of Object.entries(expected)) holds(actual[name], value, `${at}.${name}`);
  } else {
    assert.equal(actual, expected, at);
  }
}

const names = (list, member) => list.map((item) => item[member]).sort();
const attributeList = (object) => Object.entries(object).map(([Name, Value]) => ({ Name, Value }));
const claims = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
const byName = (list, name) => list.find((item) => item.Name === name || item.name === name);
const nothing = ({ $metadata, ...rest }) => assert.deepEqual(rest, {});
const fails = (promise, name) => assert.rejects(promise, (error) => error.name === name || assert.fail(`${error}`));

test("the life of a pool", async (t) => {
  const server = await Poolhouse.start(t, "--allow-outbound", "127.0.0.1");
  const api = new CognitoIdentityProvider(server.config);
  t.after(() => api.destroy());
  const metadata = createServer((_, response) => response.end(readFileSync(new URL("saml_metadata.xml", import.meta.url))));
  const metadataPort = await listen(t, metadata);
  let UserPoolId;
  let ClientId;
  let clientSecret;
  const secretHash = (name, secret, client = ClientId) => createHmac("sha256", secret).update(name + client).digest("base64");

  async function createUser(Username, values = {}) {
    await api.adminCreateUser({ UserPoolId, Username, MessageAction: "SUPPRESS", UserAttributes: attributeList(values) });
    await api.adminSetUserPassword({ UserPoolId, Username, Password: password, Permanent: true });
  }

  async function signIn(name, secret = clientSecret, PASSWORD = password) {
    const AuthParameters = { USERNAME: name, PASSWORD, SECRET_HASH: secretHash(name, secret) };
    const request = { UserPoolId, ClientId, AuthFlow: "ADMIN_USER_PASSWORD_AUTH", AuthParameters };
    return (await api.adminInitiateAuth(request)).AuthenticationResult;
  }

  /** A finished import job. */
  async function finished(JobId) {
    for (const deadline = Date.now() + 20_000; ; await delay(50)) {
      const { UserImportJob } = await api.describeUserImportJob({ UserPoolId, JobId });
      if (!["Pending", "InProgress"].includes(UserImportJob.Status)) return UserImportJob;
      if (Date.now() > deadline) throw new Error(`the import did not end: ${JSON.stringify(UserImportJob)}`);
    }
  }

  await t.test("a pool with every option shows them all", async () => {
    const { UserPool } = await api.createUserPool({ PoolName: "Everything", ...settings, ...forGood, Schema: schema });
    UserPoolId = UserPool.Id;
    const described = (await api.describeUserPool({ UserPoolId })).UserPool;
    assert.deepEqual(described, UserPool, "creation shows what Describe shows");
    holds(described, { Name: "Everything", EstimatedNumberOfUsers: 0, ...settings, ...forGood });
    assert.equal(described.Arn, `arn:aws:cognito-idp:us-east-1:${account}:userpool/${UserPoolId}`);
    assert.deepEqual(described.CreationDate, described.LastModifiedDate);
    assert.equal(described.AdminCreateUserConfig.UnusedAccountValidityDays, 3);
    assert.equal(described.EmailVerificationMessage, "Your code is {####}.");
    holds(byName(described.SchemaAttributes, "email"), { Required: true, Mutable: true });
    holds(byName(described.SchemaAttributes, "custom:shoe_size"), { NumberAttributeConstraints: { MinValue: "10", MaxValue: "60" } });
    holds(byName(described.SchemaAttributes, "custom:badge"), { Mutable: false });
    holds(byName(described.SchemaAttributes, "dev:custom:audit"), { DeveloperOnlyAttribute: true });
    holds((await api.listUserPools({ MaxResults: 60 })).UserPools.find(({ Id }) => Id === UserPoolId), { Name: "Everything" });
  });

  await t.test("a bare pool has what Terraform reads", async () => {
    const { UserPool } = await api.createUserPool({ PoolName: "bare" });
    const { UserPool: bare } = await api.describeUserPool({ UserPoolId: UserPool.Id });
    holds(bare, {
      Name: "bare",
      Policies: {
        PasswordPolicy: {
          MinimumLength: 8,
          RequireUppercase: true,
          RequireLowercase: true,
          RequireNumbers: true,
          RequireSymbols: true,
          TemporaryPasswordValidityDays: 7,
        },
        SignInPolicy: { AllowedFirstAuthFactors: ["PASSWORD"] },
      },
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: false, UnusedAccountValidityDays: 7 },
      EmailConfiguration: { EmailSendingAccount: "COGNITO_DEFAULT" },
      VerificationMessageTemplate: { DefaultEmailOption: "CONFIRM_WITH_CODE" },
      DeletionProtection: "INACTIVE",
      UserPoolTier: "ESSENTIALS",
      MfaConfiguration: "OFF",
    });
    assert.deepEqual(bare.LambdaConfig, {});
    assert.deepEqual(bare.UserPoolTags, {});
    assert.ok(bare.CreationDate instanceof Date && bare.LastModifiedDate instanceof Date);
    assert.deepEqual(bare.SchemaAttributes, standard);
    nothing(await api.deleteUserPool({ UserPoolId: UserPool.Id }));
  });

  await t.test("an update replaces the settings, and keeps a few", async () => {
    const changed = {
      ...settings,
      PoolName: "Everything and more",
      LambdaConfig: { PreSignUp: lambda("other") },
      AutoVerifiedAttributes: ["email", "phone_number"],
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: false },
      UserPoolTags: { team: "login" },
    };
    nothing(await api.updateUserPool({ UserPoolId, ...changed }));
    const { PoolName, ...rest } = changed;
    const { UserPool } = await api.describeUserPool({ UserPoolId });
    holds(UserPool, { Name: PoolName, ...rest, ...forGood });
    assert.deepEqual(UserPool.LambdaConfig, { PreSignUp: lambda("other") });
    assert.deepEqual(UserPool.UserPoolTags, { team: "login" });
    assert.equal(UserPool.AdminCreateUserConfig.InviteMessageTemplate, undefined);
    assert.ok(UserPool.LastModifiedDate > UserPool.CreationDate);

    await fails(api.deleteUserPool({ UserPoolId }), "InvalidParameterException"); // it is protected
    nothing(await api.updateUserPool({ UserPoolId, MfaConfiguration: "OFF", DeletionProtection: "INACTIVE" }));
    const { UserPool: plain } = await api.describeUserPool({ UserPoolId });
    assert.deepEqual(plain.LambdaConfig, {});
    assert.equal(plain.AutoVerifiedAttributes, undefined);
    assert.equal(plain.SmsConfiguration, undefined);
    assert.equal(plain.DeviceConfiguration, undefined);
    assert.deepEqual(plain.Policies, UserPool.Policies, "policies that were left out are kept");
    assert.deepEqual(plain.UserPoolTags, { team: "login" });
    assert.equal(plain.UserPoolTier, "PLUS");
  });

  await t.test("an app client with every option shows them all", async () => {
    const options = {
      ClientName: "web",
      RefreshTokenValidity: 10,
      AccessTokenValidity: 15,
      IdTokenValidity: 20,
      TokenValidityUnits: { AccessToken: "minutes", IdToken: "minutes", RefreshToken: "days" },
      ReadAttributes: ["custom:shoe_size", "email", "name"],
      WriteAttributes: ["email", "name"],
      ExplicitAuthFlows: ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH"],
      SupportedIdentityProviders: ["COGNITO"],
      CallbackURLs: ["https://example.com/callback"],
      LogoutURLs: ["https://example.com/"],
      DefaultRedirectURI: "https://example.com/callback",
      AllowedOAuthFlows: ["code"],
      AllowedOAuthScopes: ["email", "openid"],
      AllowedOAuthFlowsUserPoolClient: true,
      AnalyticsConfiguration: { ApplicationArn: `arn:aws:mobiletargeting:us-east-1:${account}:apps/1`, UserDataShared: true },
      PreventUserExistenceErrors: "ENABLED",
      EnableTokenRevocation: true,
      EnablePropagateAdditionalUserContextData: true,
      AuthSessionValidity: 5,
    };
    const { UserPoolClient } = await api.createUserPoolClient({ UserPoolId, GenerateSecret: true, ...options });
    const { ClientId, ClientSecret } = UserPoolClient;
    holds(UserPoolClient, options);
    assert.match(ClientSecret, /^[a-z0-9]{20,}$/);
    const { UserPoolClient: described } = await api.describeUserPoolClient({ UserPoolId, ClientId });
    assert.deepEqual(described, UserPoolClient);

    const { ExplicitAuthFlows, ...others } = options;
    const changed = { ...others, ClientName: "site", ReadAttributes: ["email"], RefreshTokenRotation: { Feature: "DISABLED" } };
    const { UserPoolClient: updated } = await api.updateUserPoolClient({ UserPoolId, ClientId, ...changed });
    holds(updated, changed);
    assert.equal(updated.ClientSecret, ClientSecret);
    assert.deepEqual((await api.listUserPoolClients({ UserPoolId, MaxResults: 10 })).UserPoolClients, [
      { ClientId, UserPoolId, ClientName: "site" },
    ]);
    nothing(await api.deleteUserPoolClient({ UserPoolId, ClientId }));
    await fails(api.describeUserPoolClient({ UserPoolId, ClientId }), "ResourceNotFoundException");
  });

  await t.test("a pool without users is set up further", async () => {
    nothing(
      await api.addCustomAttributes({
        UserPoolId,
        CustomAttributes: [{ Name: "desk", AttributeDataType: "String", Mutable: true, StringAttributeConstraints: { MaxLength: "20" } }],
      }),
    );
    holds(byName((await api.describeUserPool({ UserPoolId })).UserPool.SchemaAttributes, "custom:desk"), { AttributeDataType: "String" });

    const factors = {
      MfaConfiguration: "OPTIONAL",
      SoftwareTokenMfaConfiguration: { Enabled: true },
      SmsMfaConfiguration: { SmsAuthenticationMessage: "Sign in with {####}", SmsConfiguration: settings.SmsConfiguration },
    };
    holds(await api.setUserPoolMfaConfig({ UserPoolId, ...factors }), factors);
    holds(await api.getUserPoolMfaConfig({ UserPoolId }), factors);
    holds((await api.describeUserPool({ UserPoolId })).UserPool, {
      MfaConfiguration: "OPTIONAL",
      SmsConfiguration: settings.SmsConfiguration,
    });
    await api.setUserPoolMfaConfig({ UserPoolId, MfaConfiguration: "OFF" });
    holds(await api.getUserPoolMfaConfig({ UserPoolId }), { MfaConfiguration: "OFF" });

    const LimitDefinition = { LimitClass: "API_CATEGORY", Attributes: { Category: "UserCreation" } };
    const { Limit } = await api.getProvisionedLimit({ LimitDefinition });
    const RequestedLimitValue = Limit.FreeLimitValue + 10;
    holds((await api.updateProvisionedLimit({ LimitDefinition, RequestedLimitValue })).Limit, { ProvisionedLimitValue: RequestedLimitValue });

    const LogConfigurations = [
      {
        EventSource: "userNotification",
        LogLevel: "ERROR",
        CloudWatchLogsConfiguration: { LogGroupArn: `arn:aws:logs:us-east-1:${account}:log-group:pools` },
      },
      { EventSource: "userAuthEvents", LogLevel: "INFO", S3Configuration: { BucketArn: "arn:aws:s3:::pools" } },
    ];
    await api.setLogDeliveryConfiguration({ UserPoolId, LogConfigurations });
    const { LogDeliveryConfiguration } = await api.getLogDeliveryConfiguration({ UserPoolId });
    assert.deepEqual(LogDeliveryConfiguration, { UserPoolId, LogConfigurations });

    const { Certificate } = await api.getSigningCertificate({ UserPoolId });
    assert.match(new X509Certificate(Buffer.from(Certificate, "base64")).subject, /./);
  });

  await t.test("sessions are bounded", async () => {
    const sessions = { UserSessionTracking: "ENABLED", TokenSession: { MaxPerUser: 5 } };
    await api.setUserPoolSessionConfiguration({ UserPoolId, ...sessions });
    holds(await api.getUserPoolSessionConfiguration({ UserPoolId }), sessions);
  });

  await t.test("a replica is made, switched on and off, and removed", async () => {
    const RegionName = "us-west-2";
    holds((await api.createUserPoolReplica({ UserPoolId, RegionName, UserPoolTags: { side: "west" } })).UserPoolReplica, { RegionName });
    const west = new CognitoIdentityProvider({ ...server.config, region: RegionName });
    t.after(() => west.destroy());
    const replicas = async () => names((await api.listUserPoolReplicas({ UserPoolId })).UserPoolReplicas, "RegionName");
    assert.deepEqual(await replicas(), ["us-east-1", RegionName]);
    holds((await west.updateUserPoolReplica({ UserPoolId, RegionName, Status: "ACTIVE" })).UserPoolReplica, { Status: "ACTIVE" });
    holds((await west.describeUserPool({ UserPoolId })).UserPool, { Id: UserPoolId });
    await fails(west.adminCreateUser({ UserPoolId, Username: "nobody" }), "OperationNotEnabledException");
    await west.updateUserPoolReplica({ UserPoolId, RegionName, Status: "INACTIVE" });
    await api.deleteUserPoolReplica({ UserPoolId, RegionName });
    assert.deepEqual(await replicas(), ["us-east-1"]);
  });

  await t.test("tags come and go", async () => {
    const { Arn: ResourceArn } = (await api.describeUserPool({ UserPoolId })).UserPool;
    nothing(await api.tagResource({ ResourceArn, Tags: { stage: "life", team: "ids" } }));
    assert.deepEqual((await api.listTagsForResource({ ResourceArn })).Tags, { stage: "life", team: "ids" });
    nothing(await api.untagResource({ ResourceArn, TagKeys: ["team"] }));
    assert.deepEqual((await api.describeUserPool({ UserPoolId })).UserPool.UserPoolTags, { stage: "life" });
  });

  await t.test("a resource server's scopes are an app client's", async () => {
    const books = { Identifier: "https://books.example.com", Name: "books", Scopes: [{ ScopeName: "read", ScopeDescription: "Read books" }] };
    const { ResourceServer } = await api.createResourceServer({ UserPoolId, ...books });
    assert.deepEqual(ResourceServer, { UserPoolId, ...books });
    const scope = { AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ["client_credentials"] };
    const machine = { UserPoolId, ClientName: "machine", GenerateSecret: true, ...scope, AllowedOAuthScopes: ["https://books.example.com/read"] };
    const { UserPoolClient } = await api.createUserPoolClient(machine);
    await fails(api.createUserPoolClient({ ...machine, AllowedOAuthScopes: ["https://books.example.com/burn"] }), "ScopeDoesNotExistException");
    await api.updateUserPoolClient({ ...machine, ClientId: UserPoolClient.ClientId, ExplicitAuthFlows: ["ALLOW_CLIENT_TOKEN_AUTH"] });
    const { ClientAuthenticationResult: own } = await api.getClientToken({ ClientId: UserPoolClient.ClientId, Secret: UserPoolClient.ClientSecret });
    holds(claims(own.AccessToken), { sub: UserPoolClient.ClientId, scope: "https://books.example.com/read" });
    await fails(api.getUser({ AccessToken: own.AccessToken }), "NotAuthorizedException");

    books.Scopes = [
      { ScopeName: "lend", ScopeDescription: "Lend books" },
      { ScopeName: "read", ScopeDescription: "Read books" },
    ];
    await api.updateResourceServer({ UserPoolId, ...books });
    assert.deepEqual((await api.describeResourceServer({ UserPoolId, Identifier: books.Identifier })).ResourceServer, { UserPoolId, ...books });
    assert.deepEqual((await api.listResourceServers({ UserPoolId, MaxResults: 50 })).ResourceServers, [{ UserPoolId, ...books }]);
    await api.deleteUserPoolClient({ UserPoolId, ClientId: UserPoolClient.ClientId });
    nothing(await api.deleteResourceServer({ UserPoolId, Identifier: books.Identifier }));
    await fails(api.describeResourceServer({ UserPoolId, Identifier: books.Identifier }), "ResourceNotFoundException");
  });

  await t.test("either secret of an app client signs in, until one is deleted", async () => {
    const { UserPoolClient } = await api.createUserPoolClient({
      UserPoolId,
      ClientName: "server",
      GenerateSecret: true,
      ExplicitAuthFlows: flows,
    });
    ClientId = UserPoolClient.ClientId;
    await createUser("secretive");
    const { ClientSecretDescriptor: second } = await api.addUserPoolClientSecret({ UserPoolId, ClientId });
    const { ClientSecrets } = await api.listUserPoolClientSecrets({ UserPoolId, ClientId });
    assert.equal(ClientSecrets.length, 2);
    assert.ok(ClientSecrets.every(({ ClientSecretValue }) => ClientSecretValue === undefined));
    for (const secret of [UserPoolClient.ClientSecret, second.ClientSecretValue]) await signIn("secretive", secret);
    const first = ClientSecrets.find(({ ClientSecretId }) => ClientSecretId !== second.ClientSecretId);
    await api.deleteUserPoolClientSecret({ UserPoolId, ClientId, ClientSecretId: first.ClientSecretId });
    await fails(signIn("secretive", UserPoolClient.ClientSecret), "NotAuthorizedException");
    clientSecret = second.ClientSecretValue;
    await signIn("secretive");
  });

  await t.test("refresh tokens are replaced, and each is good once", async () => {
    const rotation = { RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 0 } };
    const { UserPoolClient } = await api.createUserPoolClient({
      ...{ UserPoolId, ClientName: "rotating", GenerateSecret: true, ...rotation },
      ExplicitAuthFlows: ["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
    });
    const app = { ClientId: UserPoolClient.ClientId, ClientSecret: UserPoolClient.ClientSecret };
    const { AuthenticationResult: first } = await api.adminInitiateAuth({
      ...{ UserPoolId, ClientId: app.ClientId, AuthFlow: "ADMIN_USER_PASSWORD_AUTH" },
      AuthParameters: { USERNAME: "secretive", PASSWORD: password, SECRET_HASH: secretHash("secretive", app.ClientSecret, app.ClientId) },
    });
    const { AuthenticationResult: second } = await api.getTokensFromRefreshToken({ ...app, RefreshToken: first.RefreshToken });
    holds(claims(second.AccessToken), { origin_jti: claims(first.AccessToken).origin_jti, event_id: claims(first.AccessToken).event_id });
    await fails(api.getTokensFromRefreshToken({ ...app, RefreshToken: first.RefreshToken }), "RefreshTokenReuseException");
    await api.getTokensFromRefreshToken({ ...app, RefreshToken: second.RefreshToken });
    await api.deleteUserPoolClient({ UserPoolId, ClientId: app.ClientId });
  });

  await t.test("groups are in tokens", async () => {
    const reader = { GroupName: "readers", Description: "Who reads", Precedence: 10, RoleArn: role("reader") };
    holds((await api.createGroup({ UserPoolId, ...reader })).Group, { UserPoolId, ...reader });
    await api.createGroup({ UserPoolId, GroupName: "writers", Precedence: 5 });
    await fails(api.createGroup({ UserPoolId, GroupName: "writers" }), "GroupExistsException");
    holds((await api.updateGroup({ UserPoolId, GroupName: "writers", Description: "Who writes", RoleArn: role("writer"), Precedence: 1 })).Group, {
      Description: "Who writes",
    });
    holds((await api.getGroup({ UserPoolId, GroupName: "writers" })).Group, { Precedence: 1, RoleArn: role("writer") });
    assert.deepEqual(names((await api.listGroups({ UserPoolId })).Groups, "GroupName"), ["readers", "writers"]);

    const Username = "secretive";
    for (const GroupName of ["readers", "writers"]) nothing(await api.adminAddUserToGroup({ UserPoolId, Username, GroupName }));
    assert.deepEqual(names((await api.listUsersInGroup({ UserPoolId, GroupName: "readers" })).Users, "Username"), [Username]);
    assert.deepEqual(names((await api.adminListGroupsForUser({ UserPoolId, Username })).Groups, "GroupName"), ["readers", "writers"]);
    const { AccessToken, IdToken } = await signIn(Username);
    assert.deepEqual(claims(AccessToken)["cognito:groups"], ["writers", "readers"]);
    holds(claims(IdToken), { "cognito:roles": [role("writer"), role("reader")], "cognito:preferred_role": role("writer") });
    nothing(await api.adminRemoveUserFromGroup({ UserPoolId, Username, GroupName: "readers" }));
    nothing(await api.deleteGroup({ UserPoolId, GroupName: "writers" }));
    assert.deepEqual((await api.adminListGroupsForUser({ UserPoolId, Username })).Groups, []);
  });

  await t.test("users are made, found, changed, shut out and removed", async () => {
    for (const [i, name] of ["ann", "anton", "bea"].entries()) {
      await createUser(name, { email: `${name}@example.com`, email_verified: "true", given_name: name.toUpperCase(), "custom:shoe_size": `${40 + i}` });
    }
    const search = async (Filter) => names((await api.listUsers({ UserPoolId, Filter })).Users, "Username");
    assert.deepEqual(await search('username ^= "an"'), ["ann", "anton"]);
    assert.deepEqual(await search('email = "bea@example.com"'), ["bea"]);
    assert.deepEqual(await search('given_name ^= "B"'), ["bea"]);
    assert.deepEqual(await search('cognito:user_status = "CONFIRMED"'), ["ann", "anton", "bea", "secretive"]);
    await fails(search('custom:shoe_size = "40"'), "InvalidParameterException");
    const all = [];
    for await (const page of paginateListUsers({ client: api, pageSize: 2 }, { UserPoolId })) all.push(...page.Users);
    assert.deepEqual(names(all, "Username"), ["ann", "anton", "bea", "secretive"]);
    const { Users } = await api.listUsers({ UserPoolId, AttributesToGet: ["email"], Filter: 'username = "ann"' });
    assert.deepEqual(Users[0].Attributes, [{ Name: "email", Value: "ann@example.com" }]);

    const Username = "ann";
    const change = { "custom:desk": "4711", nickname: "Annie" };
    nothing(await api.adminUpdateUserAttributes({ UserPoolId, Username, UserAttributes: attributeList(change) }));
    holds(attributes(await api.adminGetUser({ UserPoolId, Username })), change);
    nothing(await api.adminDeleteUserAttributes({ UserPoolId, Username, UserAttributeNames: ["nickname"] }));
    assert.equal(attributes(await api.adminGetUser({ UserPoolId, Username })).nickname, undefined);

    nothing(await api.adminDisableUser({ UserPoolId, Username }));
    await fails(signIn(Username), "NotAuthorizedException");
    assert.deepEqual(await search('status = "Disabled"'), ["ann"]);
    nothing(await api.adminEnableUser({ UserPoolId, Username }));
    const { AccessToken } = await signIn(Username);
    nothing(await api.adminResetUserPassword({ UserPoolId, Username }));
    await fails(signIn(Username), "PasswordResetRequiredException");
    const { code: ConfirmationCode } = await server.message("ann@example.com");
    const fresh = "Battery-Staple-8";
    nothing(
      await api.confirmForgotPassword({ ClientId, Username, ConfirmationCode, Password: fresh, SecretHash: secretHash(Username, clientSecret) }),
    );
    await signIn(Username, clientSecret, fresh);
    nothing(await api.deleteUserAttributes({ AccessToken, UserAttributeNames: ["given_name"] }));
    assert.equal(attributes(await api.getUser({ AccessToken })).given_name, undefined);
    nothing(await api.deleteUser({ AccessToken }));
    await fails(api.adminGetUser({ UserPoolId, Username }), "UserNotFoundException");
    nothing(await api.adminDeleteUser({ UserPoolId, Username: "anton" }));
  });

  await t.test("what users do is listed, and rated", async () => {
    nothing(await api.updateUserPool({ UserPoolId, UserPoolAddOns: { AdvancedSecurityMode: "AUDIT" } }));
    const Username = "bea";
    const browser = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";
    const from = (IpAddress) => ({
      ...{ IpAddress, ServerName: "app.example.com", ServerPath: "/" },
      HttpHeaders: [{ headerName: "User-Agent", headerValue: browser }],
    });
    const attempt = (PASSWORD, ContextData) =>
      api.adminInitiateAuth({
        ...{ UserPoolId, ClientId, AuthFlow: "ADMIN_USER_PASSWORD_AUTH", ContextData },
        AuthParameters: { USERNAME: Username, PASSWORD, SECRET_HASH: secretHash(Username, clientSecret) },
      });
    const { AuthenticationResult } = await attempt(password, from("192.0.2.1"));
    await fails(attempt("wrong", from("192.0.2.1")), "NotAuthorizedException");
    await attempt(password, undefined);
    const events = async () => {
      const all = [];
      const pages = paginateAdminListUserAuthEvents({ client: api, pageSize: 1 }, { UserPoolId, Username });
      for await (const page of pages) all.push(...page.AuthEvents);
      return all;
    };
    const [newest, failed, first] = await events();
    holds(first, { EventId: claims(AuthenticationResult.IdToken).event_id, EventType: "SignIn", EventResponse: "Pass" });
    holds(first.EventContextData, { IpAddress: "192.0.2.1", DeviceName: "Chrome 126, Windows 10" });
    assert.deepEqual(first.EventRisk, { RiskDecision: "NoRisk" });
    assert.deepEqual(failed.ChallengeResponses, [{ ChallengeName: "Password", ChallengeResponse: "Failure" }]);
    assert.deepEqual(newest.EventRisk, { RiskDecision: "AccountTakeover", RiskLevel: "Low" });
    assert.ok(newest.CreationDate >= first.CreationDate);

    const feedback = { UserPoolId, Username, EventId: first.EventId };
    nothing(await api.adminUpdateAuthEventFeedback({ ...feedback, FeedbackValue: "Valid" }));
    holds((await events())[2].EventFeedback, { FeedbackValue: "Valid", Provider: "Admin" });
    await fails(api.updateAuthEventFeedback({ ...feedback, FeedbackValue: "Invalid", FeedbackToken: "nobodys" }), "NotAuthorizedException");
    nothing(await api.updateUserPool({ UserPoolId }));
    await fails(api.adminListUserAuthEvents({ UserPoolId, Username }), "UserPoolAddOnNotEnabledException");
  });

  await t.test("a domain belongs to one pool", async () => {
    const Domain = "life-of-a-pool";
    await api.createUserPoolDomain({ UserPoolId, Domain });
    holds((await api.describeUserPoolDomain({ Domain })).DomainDescription, { UserPoolId, Domain, Status: "ACTIVE" });
    assert.equal((await api.describeUserPool({ UserPoolId })).UserPool.Domain, Domain);
    await fails(api.createUserPoolDomain({ UserPoolId: server.poolID, Domain }), "InvalidParameterException");
    holds(await api.updateUserPoolDomain({ UserPoolId, Domain, ManagedLoginVersion: 2 }), { ManagedLoginVersion: 2 });
  });

  await t.test("an identity provider's metadata are fetched", async () => {
    const ProviderDetails = { MetadataURL: `http://127.0.0.1:${metadataPort}/metadata`, IDPSignout: "true" };
    const saml = { ProviderName: "Company", ProviderType: "SAML", AttributeMapping: { email: "mail" }, IdpIdentifiers: ["example.com"] };
    const { IdentityProvider } = await api.createIdentityProvider({ UserPoolId, ...saml, ProviderDetails });
    holds(IdentityProvider, { UserPoolId, ...saml, ProviderDetails: { ...ProviderDetails, SSORedirectBindingURI: "https://idp.example.com/sso" } });
    holds((await api.getIdentityProviderByIdentifier({ UserPoolId, IdpIdentifier: "example.com" })).IdentityProvider, { ProviderName: "Company" });
    await api.updateIdentityProvider({ UserPoolId, ProviderName: "Company", AttributeMapping: { email: "mail", name: "cn" } });
    holds((await api.describeIdentityProvider({ UserPoolId, ProviderName: "Company" })).IdentityProvider.AttributeMapping, { name: "cn" });
    const google = { ProviderName: "Google", ProviderType: "Google" };
    await api.createIdentityProvider({ UserPoolId, ...google, ProviderDetails: { client_id: "1", client_secret: "2", authorize_scopes: "openid" } });
    assert.deepEqual(names((await api.listIdentityProviders({ UserPoolId })).Providers, "ProviderName"), ["Company", "Google"]);
    await api.updateUserPoolClient({ UserPoolId, ClientId, ExplicitAuthFlows: flows, SupportedIdentityProviders: ["COGNITO", "Company"] });
    nothing(await api.deleteIdentityProvider({ UserPoolId, ProviderName: "Google" }));
  });

  await t.test("a provider's user is linked", async () => {
    const SourceUser = { ProviderName: "Company", ProviderAttributeName: "Cognito_Subject", ProviderAttributeValue: "bea@corp" };
    await api.adminLinkProviderForUser({
      UserPoolId,
      DestinationUser: { ProviderName: "Cognito", ProviderAttributeValue: "bea" },
      SourceUser,
    });
    holds(JSON.parse(attributes(await api.adminGetUser({ UserPoolId, Username: "bea" })).identities), [{ providerName: "Company", userId: "bea@corp" }]);
    await api.adminDisableProviderForUser({ UserPoolId, User: SourceUser });
    assert.equal(attributes(await api.adminGetUser({ UserPoolId, Username: "bea" })).identities, undefined);
  });

  await t.test("pages are branded", async () => {
    const CSS = ".label-customizable { font-weight: 400; }";
    holds((await api.setUICustomization({ UserPoolId, ClientId: "ALL", CSS })).UICustomization, { CSS });
    holds((await api.getUICustomization({ UserPoolId, ClientId })).UICustomization, { CSS, ClientId: "ALL" });

    const Settings = { components: { form: { borderRadius: 4 } } };
    const Assets = [{ Category: "FORM_LOGO", ColorMode: "LIGHT", Extension: "SVG", Bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') }];
    const { ManagedLoginBranding } = await api.createManagedLoginBranding({ UserPoolId, ClientId, Settings, Assets });
    const { ManagedLoginBrandingId } = ManagedLoginBranding;
    holds(ManagedLoginBranding, { UserPoolId, Settings });
    await fails(api.createManagedLoginBranding({ UserPoolId, ClientId, UseCognitoProvidedValues: true }), "ManagedLoginBrandingExistsException");
    await api.updateManagedLoginBranding({ UserPoolId, ManagedLoginBrandingId, Settings: { components: { form: { borderRadius: 6 } } } });
    const { ManagedLoginBranding: merged } = await api.describeManagedLoginBrandingByClient({ UserPoolId, ClientId, ReturnMergedResources: true });
    holds(merged.Settings, { components: { form: { borderRadius: 6 } }, categories: { form: { displayGraphics: true } } });
    const { ManagedLoginBranding: own } = await api.describeManagedLoginBranding({ UserPoolId, ManagedLoginBrandingId });
    assert.equal(own.Assets.length, 1);
    nothing(await api.deleteManagedLoginBranding({ UserPoolId, ManagedLoginBrandingId }));
  });

  await t.test("terms are linked", async () => {
    const terms = { TermsName: "terms-of-use", TermsSource: "LINK", Enforcement: "NONE", Links: { "cognito:default": "https://example.com/terms" } };
    const { Terms } = await api.createTerms({ UserPoolId, ClientId, ...terms });
    holds(Terms, { UserPoolId, ClientId, ...terms });
    const { TermsId } = Terms;
    await fails(api.createTerms({ UserPoolId, ClientId, ...terms }), "TermsExistsException");
    await api.updateTerms({ UserPoolId, TermsId, Links: { "cognito:default": "https://example.com/new" } });
    holds((await api.describeTerms({ UserPoolId, TermsId })).Terms.Links, { "cognito:default": "https://example.com/new" });
    holds((await api.describeTermsByClient({ UserPoolId, ClientId, TermsName: "terms-of-use" })).Terms, { TermsId });
    assert.deepEqual(names((await api.listTerms({ UserPoolId, MaxResults: 10 })).Terms, "TermsId"), [TermsId]);
    nothing(await api.deleteTerms({ UserPoolId, TermsId }));
  });

  await t.test("users are imported", async () => {
    await api.updateUserPool({ UserPoolId, AutoVerifiedAttributes: ["email"] });
    const { CSVHeader } = await api.getCSVHeader({ UserPoolId });
    const row = (values) => CSVHeader.map((column) => values[column] ?? "").join(",");
    const csv = [
      CSVHeader.join(","),
      row({ "cognito:username": "carl", "cognito:mfa_enabled": "false", email: "carl@example.com", email_verified: "true", name: "Carl\\, the first" }),
      row({ "cognito:username": "bea", "cognito:mfa_enabled": "false", email: "other@example.com", email_verified: "true" }),
      row({ "cognito:username": "dora", "cognito:mfa_enabled": "false", email: "dora@example.com", email_verified: "false" }),
    ].join("\n");
    const { UserImportJob } = await api.createUserImportJob({ UserPoolId, JobName: "staff", CloudWatchLogsRoleArn: role("logs") });
    const { JobId, PreSignedUrl } = UserImportJob;
    holds(UserImportJob, { UserPoolId, JobName: "staff", Status: "Created" });
    await fails(api.startUserImportJob({ UserPoolId, JobId }), "PreconditionNotMetException"); // nothing was uploaded
    const upload = await fetch(PreSignedUrl, { method: "PUT", body: csv, headers: { "x-amz-server-side-encryption": "aws:kms" } });
    assert.equal(upload.status, 200, await upload.text());
    holds((await api.startUserImportJob({ UserPoolId, JobId })).UserImportJob, { JobId });
    const job = await finished(JobId);
    holds(job, { Status: "Succeeded", ImportedUsers: 1, SkippedUsers: 1, FailedUsers: 1 });
    holds(attributes(await api.adminGetUser({ UserPoolId, Username: "carl" })), { email: "carl@example.com", name: "Carl, the first" });
    assert.deepEqual(names((await api.listUserImportJobs({ UserPoolId, MaxResults: 10 })).UserImportJobs, "JobId"), [JobId]);
  });

  await t.test("everything goes with the pool", async () => {
    await fails(api.deleteUserPool({ UserPoolId }), "InvalidParameterException"); // it has a domain
    nothing(await api.deleteUserPoolDomain({ UserPoolId, Domain: "life-of-a-pool" }));
    nothing(await api.deleteUserPool({ UserPoolId }));
    await fails(api.describeUserPool({ UserPoolId }), "ResourceNotFoundException");
  });
});
