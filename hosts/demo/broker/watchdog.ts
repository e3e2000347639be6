/**
 * Ends the child processes and removes the temporary folders that this process leaves behind, however it dies.
 *
 * Two things do that. An `exit` hook works at once when the process ends by itself or by an uncaught error. A death by signal runs no hook,
 * and handlers for SIGTERM and SIGINT would take away the way in which the program itself answers those; so a shell waits at the end of a
 * pipe, which the kernel closes with this process even after kill -9.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import type { Socket } from "node:net";
import type { Writable } from "node:stream";

/**
 * Reads `pids <all of them>` and `folder <one more>` lines until the pipe closes. A folder is never taken off the list: its name is
 * random, so removing it twice does no harm. The second `rm` is for a child that was still writing while the first one ran.
 */
const WATCH_SCRIPT = `
pids=
while read -r what rest; do
  case $what in
    pids) pids=$rest ;;
    folder) set -- "$@" "$rest" ;;
  esac
done
[ -z "$pids" ] || kill -9 $pids 2>/dev/null
rm -rf -- "$@" 2>/dev/null || { sleep 1; rm -rf -- "$@"; }
`;

/** Process ids; a negative one is that of a process group, as for kill. */
const processes = new Set<number>();
const folders = new Set<string>();
let pipe: Writable | null = null;
let hasExitHook = false;

/** Ends the child with SIGKILL if it still runs when this process dies. Call it in the same turn as the spawn. */
export const guardChild = (child: ChildProcess): void => {
  if (child.pid !== undefined) child.once("exit", guard(child.pid));
};

/**
 * Does the same for a child that was spawned `detached` together with the processes that it starts, and theirs: they may outlive it. The answer
 * takes them off the list, for when they have ended.
 */
export const guardGroup = (child: ChildProcess): (() => void) => (child.pid === undefined ? () => undefined : guard(-child.pid));

const guard = (id: number): (() => void) => {
  processes.add(id);
  tell(`pids ${[...processes].join(" ")}`);
  return () => {
    processes.delete(id);
    tell(`pids ${[...processes].join(" ")}`);
    closeWhenIdle();
  };
};

/** Removes the folder when this process dies; the answer takes the folder off the list, for when it has been removed. */
export const guardFolder = (folder: string): (() => void) => {
  folders.add(folder);
  tell(`folder ${folder}`);
  return () => {
    folders.delete(folder);
    closeWhenIdle();
  };
};

const tell = (line: string): void => {
  pipe ??= startWatch();
  pipe.write(`${line}\n`);
};

const startWatch = (): Writable => {
  if (!hasExitHook) {
    process.on("exit", sweep);
    hasExitHook = true;
  }
  // Its own process group: Ctrl-C at a terminal goes to the whole group of this process and must not end the watch first.
  const shell = spawn("/bin/sh", ["-c", WATCH_SCRIPT], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    cwd: "/",
    // It must find `rm` whatever PATH this process was given.
    env: { PATH: "/usr/bin:/bin" },
  });
  shell.unref();
  // A child's standard input is a socket in Node, which the type does not say; without unref it would keep this process alive.
  (shell.stdin as Socket).unref();
  // Someone ended the shell. Only the exit hook is left then, and a write that fails must not end the program.
  shell.stdin.on("error", () => undefined);
  shell.on("error", () => undefined);
  return shell.stdin;
};

const closeWhenIdle = (): void => {
  if (processes.size > 0 || folders.size > 0) return;
  pipe?.end();
  pipe = null;
};

const sweep = (): void => {
  for (const id of processes) {
    try {
      process.kill(id, "SIGKILL");
    } catch {
      // It ended by itself, and its exit event is still on the way.
    }
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
};
