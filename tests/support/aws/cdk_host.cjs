// Runs commands of the cdk command line one after another: to start it takes a second each time.
//
//   node cdk_host.cjs node_modules/aws-cdk/lib
//
// Each line of stdin is a command as JSON: its arguments, folder and environment. What it says goes to stdout and
// stderr, then follow a zero byte and its exit code.

const readline = require("node:readline");

require("./look_more_often.cjs");
const { exec } = require(process.argv[2]);

async function run({ args, cwd, env }) {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd);
  try {
    return (await exec(args)) ?? 0;
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`\0${await run(JSON.parse(line))}\n`);
  }
  process.exit(); // whatever the last command has left open
}

main();
