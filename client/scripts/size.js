// node scripts/size.js FILE: the core stays within what was promised to pages, compressed as servers do it.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 6_000;
const bytes = gzipSync(readFileSync(process.argv[2]), { level: 9 }).length;
console.log(`  the core has ${bytes} bytes gzipped, of ${LIMIT} at most`);
process.exit(bytes <= LIMIT ? 0 : 1);
