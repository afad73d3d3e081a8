// Runs a bundle with the globals of a React Native app and nothing of Node.js. Calls come as lines
// {"call","args"} on standard input; each is answered by a line {"value"} or {"error"} on standard output.
//
// The bundle has a realm of its own, so what it finds there is the language and what stands in platform:
// React Native's own globals, and the three polyfills that the SDK asks its apps to import
// (react-native-get-random-values, react-native-url-polyfill, web-streams-polyfill).

import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createContext, runInContext } from "node:vm";

// React Native's Response has its body only as a whole: there is no stream.
async function fetchWhole(...args) {
  const response = await fetch(...args);
  return {
    ok: response.ok,
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
    url: response.url,
    blob: () => response.blob(),
    text: () => response.text(),
    json: () => response.json(),
  };
}

// React Native reads a Blob through FileReader.
class FileReader {
  readyState = 0;
  result = null;
  error = null;

  readAsDataURL(blob) {
    blob.arrayBuffer().then(
      (bytes) => {
        const type = blob.type || "application/octet-stream";
        this.#end(`data:${type};base64,${Buffer.from(bytes).toString("base64")}`, null);
      },
      (error) => this.#end(null, error),
    );
  }

  #end(result, error) {
    Object.assign(this, { readyState: 2, result, error });
    (error ? this.onerror : this.onload)?.({ target: this });
    this.onloadend?.({ target: this });
  }
}

const platform = {
  navigator: { product: "ReactNative" },
  fetch: fetchWhole,
  FileReader,
  ...{ console, performance, queueMicrotask, atob, btoa },
  ...{ setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate },
  ...{ AbortController, AbortSignal, Blob, FormData, Headers, Request, TextDecoder, Event, EventTarget },
  // the polyfills
  crypto: { getRandomValues: (bytes) => webcrypto.getRandomValues(bytes) },
  ...{ URL, URLSearchParams, ReadableStream, WritableStream, TransformStream },
};

const realm = createContext({});
const global = runInContext("globalThis", realm);
Object.assign(global, platform, { global, window: global, self: global });

// What it encodes are bytes of the app's own realm, as everything that tells arrays apart expects.
const encoder = new TextEncoder();
const { Uint8Array } = runInContext("({ Uint8Array })", realm);
global.TextEncoder = class TextEncoder {
  encode = (text) => new Uint8Array(encoder.encode(text));
  encodeInto = (text, bytes) => encoder.encodeInto(text, bytes);
};

runInContext(readFileSync(process.argv[2], "utf8"), realm, { filename: "app.js" });
const app = runInContext("App", realm);

for await (const line of createInterface({ input: process.stdin })) {
  const { call, args } = JSON.parse(line);
  let answer;
  try {
    answer = { value: await app[call](...args) };
  } catch (error) {
    answer = { error: `${error.name}: ${error.message}`, stack: error.stack };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
