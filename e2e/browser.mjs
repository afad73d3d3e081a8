// Debian's Chromium, without a window.

import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";
import { listen } from "./poolhouse.mjs";

const executablePath =
  process.env.CHROMIUM || ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

/** A browser that lives as long as the test; its names of hosts are those given, beside loopback. */
export async function openBrowser(t, ...hosts) {
  const browser = await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox", // Chromium's own sandbox does not start for root or in most containers
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...(hosts.length ? [`--host-resolver-rules=${hosts.map((host) => `MAP ${host} 127.0.0.1`).join(",")}`] : []),
    ],
  });
  t.after(() => browser.close());
  return browser;
}

/** Serves one page that runs a script, on an origin of its own, and returns the port. */
export function servePage(t, script) {
  const page = '<!doctype html><meta charset="utf-8"><title>App</title><script src="/app.js"></script>';
  const server = createServer((request, response) => {
    const [type, body] = request.url === "/app.js" ? ["text/javascript", script] : ["text/html", page];
    response.writeHead(200, { "content-type": `${type}; charset=utf-8` }).end(body);
  });
  return listen(t, server);
}
