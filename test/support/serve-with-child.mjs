// node serve-with-child.mjs CONFIG CHILD: the built server, whose scan children run another module. For tests alone.
import { loadConfig, processInput } from '../../dist/config.js';
import { startServer } from '../../dist/main.js';

const [configFile, scanChildPath] = process.argv.slice(2);
const config = loadConfig({ ...processInput(), configFile, flags: [] });
const server = await startServer(config, { scanChildPath });
process.once('SIGTERM', () => void server.close());
