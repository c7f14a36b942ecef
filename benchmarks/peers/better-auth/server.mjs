// As many processes as wanted on one address: Node's own cluster.
import cluster from "node:cluster";
import { createServer } from "node:http";

if (cluster.isPrimary) {
  for (let number = 0; number < Number(process.env.PEER_WORKERS); number++) cluster.fork();
  process.once("SIGTERM", () => process.exit(0)); // the workers end with their channel to this process
} else {
  const { toNodeHandler } = await import("better-auth/node");
  const { auth } = await import("./auth.mjs");
  createServer(toNodeHandler(auth)).listen(Number(process.env.PEER_PORT), "127.0.0.1");
}
