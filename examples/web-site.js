// A site that lists the jobs of a Batch account as whoever signs in. APP_ID and SECRET are an application with the redirect URI
// http://localhost:3000/signed-in (web); PORT is another port than 3000: npx batten run -- npx node examples/web-site.js
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { authorizationCode, BatchClient, BatchTokenCredentials } from 'batten/client';

const {
  AZURE_TENANT_ID: tenantId = '',
  APP_ID: clientId = '',
  SECRET: clientSecret = '',
  AZURE_BATCH_ENDPOINT: accountUrl = '',
  PORT = '3000',
} = process.env;
const origin = `http://localhost:${PORT}`;
const redirectUri = `${origin}/signed-in`;
const signIn = authorizationCode({ tenantId, clientId, clientSecret, redirectUri });

// What belongs to one browser stays here, under a cookie that no script reads and no other site sends along with a form.
const waiting = new Map();
const waitingMax = 1000;

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', origin);
  const [, session = ''] = /(?:^|; )session=([\w-]+)/.exec(request.headers.cookie ?? '') ?? [];
  try {
    if (pathname === '/') {
      const { url, pending } = await signIn.begin();
      const fresh = randomUUID();
      waiting.set(fresh, pending);
      if (waiting.size > waitingMax) waiting.delete(waiting.keys().next().value);
      const cookie = `session=${fresh}; HttpOnly; SameSite=Lax; Path=/`;
      response.writeHead(302, { location: url, 'set-cookie': cookie }).end();
    } else if (pathname === '/signed-in' && waiting.has(session)) {
      const pending = waiting.get(session);
      waiting.delete(session);
      const user = await signIn.complete(pending, searchParams);
      const client = BatchClient.open(new BatchTokenCredentials(accountUrl, user.tokens));
      const lines = [`Jobs, as ${user.userPrincipalName}:`];
      for await (const job of client.jobs.list()) lines.push(`${job.id} ${job.state}`);
      response
        .writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
        .end(lines.join('\n'));
    } else {
      response.writeHead(404).end();
    }
  } catch (error) {
    response.writeHead(502, { 'content-type': 'text/plain; charset=utf-8' }).end(String(error));
  }
});
server.listen(Number(PORT), '127.0.0.1', () => console.log(`open ${origin}`));
