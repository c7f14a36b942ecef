// Make the schema, the accounts and the key that signs.
import { readFileSync } from "node:fs";
import { getMigrations } from "better-auth/db/migration";
import { auth, pool, redis } from "./auth.mjs";

const { runMigrations } = await getMigrations(auth.options);
await runMigrations();
const addresses = readFileSync(process.env.PEER_ADDRESSES, "ascii").trim().split("\n");
for (const email of addresses) {
  await auth.api.signUpEmail({ body: { email, password: process.env.PEER_PASSWORD, name: email } });
}
await auth.api.getJwks(); // makes the first key, which two workers would otherwise make twice
await redis.quit();
await pool.end();
