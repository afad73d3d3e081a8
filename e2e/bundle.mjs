// Bundles of apps/ for the places where the SDK runs without Node.js.

import { existsSync, readFileSync, statSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const folder = fileURLToPath(new URL(".", import.meta.url));
const builtins = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));

/** One script that sets the global `App` to what apps/<name> exports, and the modules that went into it. */
async function bundle(name, options) {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(folder, "apps", name)],
    absWorkingDir: folder,
    bundle: true,
    write: false,
    format: "iife",
    globalName: "App",
    metafile: true,
    logLevel: "silent",
    ...options,
  });
  return { script: outputFiles[0].text, modules: Object.keys(metafile.inputs) };
}

/** For a browser: what every bundler takes for the web. */
export function bundleForBrowser(name) {
  return bundle(name, { platform: "browser", target: "es2022" });
}

/**
 * For React Native, resolved as its bundler Metro does with package exports and the main fields that the
 * SDK's maintainers name: react-native, module, browser, main. Nothing of Node.js can be resolved.
 */
export function bundleForReactNative(name) {
  return bundle(name, {
    platform: "neutral",
    target: "es2019",
    conditions: ["react-native"],
    mainFields: ["module", "main"],
    define: { "process.env.NODE_ENV": '"production"' },
    plugins: [replacements],
  });
}

// esbuild knows replacement maps only as "browser"; React Native's stand in the field "react-native" and win.
const replacements = {
  name: "react-native-replacements",
  setup(build) {
    build.onResolve({ filter: /.*/ }, async (request) => {
      if (request.pluginData === replacements || request.kind === "entry-point") return undefined;
      if (builtins.has(request.path)) {
        return { errors: [{ text: `${request.importer} asks for Node.js's own ${request.path}` }] };
      }
      const { importer, kind, namespace, resolveDir } = request;
      const found = await build.resolve(request.path, { importer, kind, namespace, resolveDir, pluginData: replacements });
      if (found.errors.length || found.external) return found;
      return replace(found);
    });
    build.onLoad({ filter: /.*/, namespace: "empty" }, () => ({ contents: "module.exports = {}" }));
  },
};

function replace(found) {
  const home = packageFolder(found.path);
  if (!home) return found;
  const manifest = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
  const file = `./${relative(home, found.path)}`;
  for (const map of [manifest["react-native"], manifest.browser]) {
    if (typeof map !== "object") continue;
    for (const key of [file, file.replace(/\.[cm]?js$/, ""), file.replace(/\/index\.[cm]?js$/, "")]) {
      if (!(key in map)) continue;
      if (map[key] === false) return { path: found.path, namespace: "empty" };
      const path = resolve(home, map[key]);
      return { ...found, path: existsSync(path) && statSync(path).isFile() ? path : `${path}.js` };
    }
  }
  return found;
}

function packageFolder(path) {
  for (let at = dirname(path); at.includes("node_modules"); at = dirname(at)) {
    if (existsSync(join(at, "package.json")) && !at.endsWith("node_modules")) return at;
  }
  return undefined;
}
