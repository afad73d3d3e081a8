// The life of a pool through Debian's aws command: what its version knows, with its own names, output and paging.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { Poolhouse } from "./poolhouse.mjs";

const program = process.env.AWS_CLI || "/usr/bin/aws"; // Debian's; other ways of installing it put others before it
const run = promisify(execFile);

/** The aws command at a server: aws("list-user-pools", "--max-results", 10) answers the parsed output. */
function commandLine(server) {
  const env = {
    PATH: process.env.PATH,
    HOME: "/nonexistent", // nobody's settings
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "example",
    AWS_DEFAULT_REGION: server.region,
    AWS_PAGER: "",
    AWS_MAX_ATTEMPTS: "1",
  };
  return async (operation, ...args) => {
    const words = args.map((arg) => (typeof arg === "object" ? JSON.stringify(arg) : String(arg)));
    const fixed = ["--endpoint-url", server.endpoint, "--output", "json", "cognito-idp", operation];
    const { stdout } = await run(program, [...fixed, ...words], { env });
    return stdout.trim() === "" ? undefined : JSON.parse(stdout);
  };
}

const refused = (promise, exception) =>
  assert.rejects(promise, (error) => error.stderr?.includes(`An error occurred (${exception})`) || assert.fail(error.stderr ?? error));

test("the life of a pool on a command line", async (t) => {
  const server = await Poolhouse.start(t);
  const aws = commandLine(server);

  const { UserPool } = await aws(
    "create-user-pool",
    ...["--pool-name", "shell", "--auto-verified-attributes", "email"],
    ...["--policies", "PasswordPolicy={MinimumLength=10,RequireSymbols=false,RequireNumbers=true}"],
    ...["--user-pool-tags", "team=shell"],
    ...["--schema", "Name=email,Required=true", "Name=shoe_size,AttributeDataType=Number,Mutable=true"],
  );
  const pool = ["--user-pool-id", UserPool.Id];
  assert.equal(UserPool.Policies.PasswordPolicy.MinimumLength, 10);
  assert.equal(UserPool.Policies.PasswordPolicy.RequireUppercase, false);
  assert.deepEqual(UserPool.UserPoolTags, { team: "shell" });
  assert.ok(UserPool.SchemaAttributes.some(({ Name }) => Name === "custom:shoe_size"));

  await aws("update-user-pool", ...pool, "--auto-verified-attributes", "email", "--deletion-protection", "ACTIVE");
  await refused(aws("delete-user-pool", ...pool), "InvalidParameterException");
  await aws("update-user-pool", ...pool, "--auto-verified-attributes", "email", "--deletion-protection", "INACTIVE");
  const first = await aws("list-user-pools", "--max-results", 1);
  const second = await aws("list-user-pools", "--max-results", 1, "--next-token", first.NextToken);
  assert.deepEqual([...first.UserPools, ...second.UserPools].map(({ Name }) => Name), ["demo", "shell"]);

  const { UserPoolClient } = await aws(
    "create-user-pool-client",
    ...pool,
    ...["--client-name", "shell", "--generate-secret"],
    ...["--explicit-auth-flows", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
  );
  assert.ok(UserPoolClient.ClientSecret);
  const client = ["--client-id", UserPoolClient.ClientId];
  await aws("update-user-pool-client", ...pool, ...client, "--client-name", "terminal");
  assert.equal((await aws("describe-user-pool-client", ...pool, ...client)).UserPoolClient.ClientName, "terminal");

  await aws("create-resource-server", ...pool, "--identifier", "books", "--name", "Books", "--scopes", "ScopeName=read,ScopeDescription=Read");
  assert.deepEqual((await aws("list-resource-servers", ...pool, "--max-results", 50)).ResourceServers, [
    { UserPoolId: UserPool.Id, Identifier: "books", Name: "Books", Scopes: [{ ScopeName: "read", ScopeDescription: "Read" }] },
  ]);
  const google = { client_id: "id", client_secret: "secret", authorize_scopes: "openid email" };
  await aws(
    "create-identity-provider",
    ...pool,
    ...["--provider-name", "Google", "--provider-type", "Google", "--provider-details", google, "--attribute-mapping", "email=email"],
  );
  const { IdentityProvider } = await aws("describe-identity-provider", ...pool, "--provider-name", "Google");
  assert.equal(IdentityProvider.ProviderDetails.oidc_issuer, "https://accounts.google.com");

  await aws("create-user-pool-domain", ...pool, "--domain", "shell-of-a-pool");
  assert.equal((await aws("describe-user-pool-domain", "--domain", "shell-of-a-pool")).DomainDescription.UserPoolId, UserPool.Id);

  await aws("tag-resource", "--resource-arn", UserPool.Arn, "--tags", "stage=life");
  assert.deepEqual((await aws("list-tags-for-resource", "--resource-arn", UserPool.Arn)).Tags, { team: "shell", stage: "life" });
  await aws("add-custom-attributes", ...pool, "--custom-attributes", "Name=desk,AttributeDataType=String");

  for (const name of ["ann", "anton", "bea"]) {
    const attributes = [`Name=email,Value=${name}@example.com`, "Name=email_verified,Value=true"];
    await aws("admin-create-user", ...pool, "--username", name, "--message-action", "SUPPRESS", "--user-attributes", ...attributes);
  }
  const { Users } = await aws("list-users", ...pool, "--filter", 'username ^= "an"', "--page-size", 1); // it fetches every page
  assert.deepEqual(Users.map(({ Username }) => Username), ["ann", "anton"]);
  await aws("admin-set-user-password", ...pool, "--username", "ann", "--password", "Correct-Horse-7", "--permanent");
  await aws("admin-disable-user", ...pool, "--username", "anton");
  assert.equal((await aws("admin-get-user", ...pool, "--username", "anton")).Enabled, false);

  await aws("create-group", ...pool, "--group-name", "readers", "--precedence", 1);
  await aws("admin-add-user-to-group", ...pool, "--username", "ann", "--group-name", "readers");
  assert.deepEqual((await aws("list-users-in-group", ...pool, "--group-name", "readers")).Users.map(({ Username }) => Username), ["ann"]);

  const { CSVHeader } = await aws("get-csv-header", ...pool);
  const carl = { "cognito:username": "carl", "cognito:mfa_enabled": "false", email: "carl@example.com", email_verified: "true" };
  const csv = [CSVHeader, CSVHeader.map((column) => carl[column] ?? "")].map((row) => row.join(",")).join("\n");
  const { UserImportJob } = await aws(
    "create-user-import-job",
    ...pool,
    ...["--job-name", "staff", "--cloud-watch-logs-role-arn", "arn:aws:iam::123456789012:role/logs"],
  );
  const job = ["--job-id", UserImportJob.JobId];
  const upload = await fetch(UserImportJob.PreSignedUrl, { method: "PUT", body: csv, headers: { "x-amz-server-side-encryption": "aws:kms" } });
  assert.equal(upload.status, 200);
  await aws("start-user-import-job", ...pool, ...job);
  for (let status; status !== "Succeeded"; ) {
    status = (await aws("describe-user-import-job", ...pool, ...job)).UserImportJob.Status;
    assert.ok(["Pending", "InProgress", "Succeeded"].includes(status), status);
  }
  assert.equal((await aws("admin-get-user", ...pool, "--username", "carl")).UserStatus, "RESET_REQUIRED");

  await aws("set-ui-customization", ...pool, "--css", ".label-customizable { font-weight: 400; }");
  assert.equal((await aws("get-ui-customization", ...pool, ...client)).UICustomization.ClientId, "ALL");

  await aws("delete-user-pool-domain", ...pool, "--domain", "shell-of-a-pool");

  await aws("delete-user-pool-client", ...pool, ...client);
  await aws("delete-user-pool", ...pool);
  await refused(aws("describe-user-pool", ...pool), "ResourceNotFoundException");
});
