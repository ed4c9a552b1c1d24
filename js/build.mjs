// Bundles each widget folder (one that holds an index.js) into one self-contained ES module and one style sheet:
// anywidget loads exactly one module per widget, and a relative import inside it fails.
//
//   node build.mjs            write tl_toolkit/static/<widget>.js and .css
//   node build.mjs --check    write nothing; fail when what is committed differs, is too large or is not wanted
//   node build.mjs --watch    write again whenever a source changes
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, context } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "tl_toolkit", "static");
const limit = (/** @type {string} */ widget) => (widget === "studio" ? 250_000 : 150_000);
const read = (/** @type {string} */ path) => readFileSync(path, "utf8");

/** Folder names of the widgets. */
function widgets() {
  return readdirSync(here).filter((name) => existsSync(join(here, name, "index.js"))).sort();
}

/** @param {string} name @param {string} kind */
const entry = (name, kind) => ({ in: join(here, name, `index.${kind}`), out: name });

/** Entry points of the widgets: their index.js and, where there is one, their index.css. */
function entryPoints() {
  const entries = widgets().flatMap((name) => ["js", "css"].map((kind) => entry(name, kind)));
  return entries.filter((one) => existsSync(one.in));
}

/** Adds, at the top of each bundle, the licences of the packages that went into it. */
const licences = {
  name: "licences",
  /** @param {import("esbuild").PluginBuild} pluginBuild */
  setup(pluginBuild) {
    pluginBuild.onEnd((result) => {
      const outputs = Object.entries(result.metafile?.outputs ?? {});
      const output = new Map(outputs.map(([path, meta]) => [join(here, path), meta]));
      for (const file of result.outputFiles ?? []) {
        const inputs = Object.keys(output.get(file.path)?.inputs ?? {});
        const folders = new Set(inputs.flatMap((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []));
        const notices = [...folders].sort().map(notice);
        const head = "/* Bundled from js/: edit there, then run `npm run build`. */\n";
        file.contents = new TextEncoder().encode(head + notices.join("") + file.text);
      }
    });
  },
};

/** @param {string} folder */
function notice(folder) {
  const { name, version } = JSON.parse(read(join(here, folder, "package.json")));
  return `/*! This file holds ${name} ${version}:\n${read(join(here, folder, "LICENSE")).trim()}\n*/\n`;
}

/** @type {import("esbuild").BuildOptions} */
const options = {
  absWorkingDir: here,
  entryPoints: entryPoints(),
  outdir: target,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  write: false,
  logLevel: "warning",
  plugins: [licences],
};

const name = (/** @type {string} */ path) => relative(target, path);

if (process.argv.includes("--watch")) {
  const write = {
    name: "write",
    /** @param {import("esbuild").PluginBuild} pluginBuild */
    setup(pluginBuild) {
      pluginBuild.onEnd((result) => result.outputFiles?.forEach((file) => writeFileSync(file.path, file.contents)));
    },
  };
  await (await context({ ...options, plugins: [licences, write] })).watch();
} else {
  const files = (await build(options)).outputFiles ?? [];
  const problems = files
    .filter((file) => file.contents.length > limit(name(file.path).replace(/\.\w+$/, "")))
    .map((file) => `${name(file.path)} has ${file.contents.length} bytes, which is more than its limit`);
  if (process.argv.includes("--check")) {
    for (const file of files) {
      const same = existsSync(file.path) && read(file.path) === file.text;
      if (!same) problems.push(`${name(file.path)} is not what js/ builds: run \`npm run build\` in js/, commit the result`);
    }
    const wanted = new Set(files.map((file) => name(file.path)));
    const stray = readdirSync(target).filter((file) => /\.(js|css)$/.test(file) && !wanted.has(file));
    problems.push(...stray.map((file) => `${file} belongs to no widget in js/: remove it`));
  } else {
    mkdirSync(target, { recursive: true });
    files.forEach((file) => writeFileSync(file.path, file.contents));
  }
  const size = (/** @type {number} */ length) => `${(length / 1000).toFixed(1).padStart(7)} kB`;
  files.forEach((file) => console.log(name(file.path).padEnd(28), size(file.contents.length)));
  problems.forEach((problem) => console.error(`error: ${problem}`));
  process.exitCode = problems.length ? 1 : 0;
}
