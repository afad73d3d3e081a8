// A poolhouse server of the test's own: the shipped binary as a child process on a free port.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CognitoIdentityProviderClient, InitiateAuthCommand } from "@aws-sdk/client-cognito-identity-provider";

/** The path of the shipped binary. */
export const binary = process.env.POOLHOUSE_BIN || fileURLToPath(new URL("../bin/poolhouse", import.meta.url));
const startLimit = 15_000; // milliseconds until the first line
const stopLimit = 10_000; // milliseconds between SIGTERM and the end
const messageLimit = 5_000; // milliseconds until a message is in the inbox

/** Where and as whom a client reaches a server: the line that `poolhouse dev --json` prints. */
export class Poolhouse {
  #child;
  #stderr = "";
  #stdout = [];

  /**
   * Starts `poolhouse dev` with further flags and answers once it serves.
   * The test context t ends it, and fails when it does not end cleanly.
   */
  static async start(t, ...flags) {
    const server = new Poolhouse();
    await server.#run(["dev", "--json", "--memory", "--listen", "127.0.0.1:0", ...flags]);
    t.after(() => server.#stop());
    return server;
  }

  async #run(args) {
    this.#child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
    const ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    ended.catch(() => {}); // a binary that is not there is reported below
    this.ended = ended;
    this.#child.stderr.setEncoding("utf8").on("data", (text) => (this.#stderr += text));
    const first = new Promise((resolve) => {
      createInterface({ input: this.#child.stdout }).on("line", (line) => {
        this.#stdout.push(line);
        resolve(line);
      });
    });
    const clock = new AbortController();
    try {
      const line = await Promise.race([
        first,
        ended.then(({ code, signal }) => {
          throw new Error(`poolhouse ended before it served: ${signal ?? `exit ${code}`}\n${this.#stderr}`);
        }),
        delay(startLimit, undefined, { signal: clock.signal }).then(() => {
          this.#child.kill("SIGKILL");
          throw new Error(`poolhouse printed no line within ${startLimit} ms\n${this.#stderr}`);
        }),
      ]);
      const facts = JSON.parse(line);
      this.endpoint = facts.endpoint;
      this.poolID = facts.user_pool_id;
      this.clientID = facts.client_id;
      this.username = facts.username;
      this.password = facts.password;
      this.console = facts.console;
    } finally {
      clock.abort();
    }
  }

  async #stop() {
    this.#child.kill("SIGTERM");
    const clock = new AbortController();
    const late = delay(stopLimit, "late", { signal: clock.signal });
    const end = await Promise.race([this.ended, late]);
    clock.abort();
    late.catch(() => {});
    if (end === "late") {
      this.#child.kill("SIGKILL");
      throw new Error(`poolhouse did not end within ${stopLimit} ms of SIGTERM\n${this.#stderr}`);
    }
    if (end.code !== 0) {
      throw new Error(`poolhouse ended with ${end.signal ?? `exit ${end.code}`}\n${this.#stderr}`);
    }
    if (this.#stdout.length !== 1) {
      throw new Error(`poolhouse dev --json printed ${this.#stdout.length} lines, want 1`);
    }
  }

  /** The region that the pool id carries. */
  get region() {
    return this.poolID.split("_")[0];
  }

  /** The configuration of an SDK client; signed operations take any well-formed signature. */
  get config() {
    return {
      region: this.region,
      endpoint: this.endpoint,
      credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
    };
  }

  /** An SDK client that lives as long as the test. */
  client(t) {
    const client = new CognitoIdentityProviderClient(this.config);
    t.after(() => client.destroy());
    return client;
  }

  /** Signs the demo user in with the password and returns the access token. */
  async signIn(client) {
    const { AuthenticationResult } = await client.send(
      new InitiateAuthCommand({
        AuthFlow: "USER_PASSWORD_AUTH",
        ClientId: this.clientID,
        AuthParameters: { USERNAME: this.username, PASSWORD: this.password },
      }),
    );
    return AuthenticationResult.AccessToken;
  }

  /** The messages to an address or number (to everybody without one), newest first. */
  async inbox(to) {
    const url = new URL("/_poolhouse/inbox", this.endpoint);
    if (to) url.searchParams.set("to", to);
    const response = await fetch(url, { headers: { accept: "application/json" } });
    if (!response.ok) throw new Error(`inbox answered ${response.status}: ${await response.text()}`);
    return response.json();
  }

  /**
   * The newest message to an address or number, other than those of the ids given. Operations
   * that hide who exists answer before they deliver, so the message may come after the answer.
   */
  async message(to, seen = []) {
    const deadline = Date.now() + messageLimit;
    for (;;) {
      const message = (await this.inbox(to)).find(({ id }) => !seen.includes(id));
      if (message) return message;
      if (Date.now() > deadline) throw new Error(`no message to ${to} within ${messageLimit} ms`);
      await delay(20);
    }
  }

  /** Moves the server's clock forward by a Go duration such as "25h". */
  async advance(duration) {
    const response = await fetch(new URL("/_poolhouse/clock", this.endpoint), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ advance: duration }),
    });
    if (!response.ok) throw new Error(`clock answered ${response.status}: ${await response.text()}`);
  }
}

/** The attributes of an answer of GetUser as one object. */
export function attributes({ UserAttributes }) {
  return Object.fromEntries(UserAttributes.map(({ Name, Value }) => [Name, Value]));
}

/** A code of six digits that is not the given one. */
export function wrong(code) {
  return String((Number(code) + 1) % 1_000_000).padStart(6, "0");
}

/** A file that holds a secret and lives as long as the test. */
export async function secretFile(t, secret) {
  const folder = await mkdtemp(join(tmpdir(), "poolhouse-e2e-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "secret");
  await writeFile(path, `${secret}\n`, { mode: 0o600 });
  return path;
}

/** Starts listening on a free port of loopback and returns the port; the test context closes the server. */
export async function listen(t, server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections?.();
      }),
  );
  return server.address().port;
}
