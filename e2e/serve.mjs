// A static file server of a few lines: `make serve`, and the ground that the browser tests stand on.
// As a command: node e2e/serve.mjs FOLDER PORT
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.md': 'text/markdown; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm', // browsers compile while they load only with this type
  '.webmanifest': 'application/manifest+json',
  '.yaml': 'text/plain; charset=utf-8',
};

/** A file and the tag of this version of it, or null if there is no such file. */
async function fileAt(path) {
  const found = await stat(path).catch(() => null);
  return found?.isFile() ? { path, tag: `"${found.size.toString(36)}-${Math.round(found.mtimeMs).toString(36)}"` } : null;
}

/** The file that a request path asks for, or null if it lies outside of the folder or below another prefix. */
async function fileFor(folder, prefix, path) {
  if (!path.startsWith(prefix)) return null;
  const file = normalize(join(folder, path.slice(prefix.length)));
  if (file !== folder && !file.startsWith(folder + sep)) return null;
  const found = await fileAt(file);
  if (found) return found;
  return fileAt(join(file, 'index.html'));
}

async function answer(folder, prefix, request, response) {
  const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
  const file = await fileFor(folder, prefix, path);
  if (!file) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end(`there is no ${path} here\n`);
    return;
  }
  // Asked for again each time, sent again only if it changed: then the browser keeps what it has compiled, too.
  const head = { 'cache-control': 'no-cache', etag: file.tag };
  if (request.headers['if-none-match'] === file.tag) {
    response.writeHead(304, head).end();
    return;
  }
  response.writeHead(200, { ...head, 'content-type': TYPES[extname(file.path)] ?? 'application/octet-stream' });
  if (request.method === 'HEAD') response.end();
  else createReadStream(file.path).pipe(response);
}

/** Serves `folder` below `prefix` ("/" or "/some/path/"). Port 0 takes any free port. Resolves to { url, close }. */
export async function serve(folder, { port = 0, prefix = '/' } = {}) {
  const root = resolve(folder);
  const server = createServer((request, response) => {
    answer(root, prefix, request, response).catch((error) => response.writeHead(400).end(`${error.message}\n`));
  });
  await new Promise((listening, failed) => server.once('error', failed).listen(port, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${server.address().port}${prefix}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder = 'dist', port = '8080'] = process.argv.slice(2);
  try {
    const { url } = await serve(folder, { port: Number(port) });
    console.log(`Kube Service Lab is at ${url} (Ctrl+C stops it)`);
  } catch (error) {
    const why = error.code === 'EADDRINUSE' ? `port ${port} is taken: try make serve PORT=8081` : error.message;
    console.error(`cannot serve: ${why}`);
    process.exitCode = 1;
  }
}
