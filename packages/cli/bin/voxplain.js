#!/usr/bin/env node
import { main } from "../dist/bundled/main.js";

process.exitCode = await main(process.argv.slice(2));
