// An application at an origin of its own: a bare page, the library, and the provider's official SDK as it was published.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const LIBRARY = new URL("../../../client/dist/index.js", import.meta.url);
const SDK = new URL("../node_modules/@openai/agents-realtime/dist/bundle/", import.meta.url);

/** The page: bundlers are not asked for here, so the names of packages are mapped by the browser. */
const PAGE = `<!doctype html>
<html lang="en">
<title>App</title>
<script type="importmap">
  { "imports": { "@ephemint/client": "/ephemint.js", "@openai/agents-realtime": "/sdk/openai-realtime-agents.mjs" } }
</script>
<audio autoplay></audio>
</html>`;

/** What stands at a path: its media type and its content. */
function content(path) {
  if (path === "/") return ["text/html", PAGE];
  if (path === "/ephemint.js") return ["text/javascript", readFileSync(LIBRARY)];
  const [, file] = /^\/sdk\/([\w-]+\.mjs)$/.exec(path) ?? [];
  return file ? ["text/javascript", readFileSync(new URL(file, SDK))] : null;
}

/** Serves it on a free port. */
export async function site() {
  const server = createServer(({ url }, response) => {
    const [type, body] = content(url) ?? [];
    if (!body) return response.writeHead(url === "/favicon.ico" ? 204 : 404).end();
    response.writeHead(200, { "content-type": type }).end(body);
  });
  // It keeps nobody waiting: where the service does not start, the tests end.
  await new Promise((listening) => server.unref().listen(0, "127.0.0.1", listening));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    stop: () => new Promise((stopped) => (server.close(stopped), server.closeAllConnections())),
  };
}
