// better-auth as its documentation wants it in production: accounts in PostgreSQL, sessions in Redis.
import { hash, verify } from "@node-rs/argon2";
import { redisStorage } from "@better-auth/redis-storage";
import { betterAuth } from "better-auth";
import { bearer, jwt } from "better-auth/plugins";
import { Redis } from "ioredis";
import pg from "pg";

const { env } = process;
const argon2id = {
  memoryCost: Number(env.ARGON2_MEMORY_KIB),
  timeCost: Number(env.ARGON2_TIME_COST),
  parallelism: Number(env.ARGON2_PARALLELISM),
};

export const pool = new pg.Pool(); // ten connections by default; where the database is, PGHOST and its kin tell
export const redis = new Redis(env.REDIS_URL);

export const auth = betterAuth({
  baseURL: `http://127.0.0.1:${env.PEER_PORT}`,
  secret: env.PEER_SECRET,
  database: pool,
  secondaryStorage: redisStorage({ client: redis }), // docs: concepts/database, "Secondary storage"
  emailAndPassword: {
    enabled: true,
    password: {
      // docs: authentication/email-password, "password"; scrypt is the default
      hash: (password) => hash(password, argon2id),
      verify: ({ hash: stored, password }) => verify(stored, password),
    },
  },
  rateLimit: { enabled: false }, // as ours in this measurement
  telemetry: { enabled: false },
  plugins: [
    bearer(),
    jwt({ disableSettingJwtHeader: true }), // a token is asked for at /token: get-session need not sign one as well
  ],
});
