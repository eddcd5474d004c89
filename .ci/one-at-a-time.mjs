// Lets one process at a time into a part of a program, by a lock file that names its process. No module but Node's own.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

const PAUSE_MS = 200;

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM'; // somebody else's
  }
}

/** @param {string} lock */
function findOwner(lock) {
  try {
    return readFileSync(lock, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether it is ours now. A link is there with its text or not at all: nobody reads half a number. */
function take(lock) {
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, lock);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Takes the lock of a process that died away, unless somebody else was quicker and holds it by now. */
function clear(lock, owner) {
  const aside = `${lock}.${process.pid}.old`;
  try {
    renameSync(lock, aside);
    if (readFileSync(aside, 'utf8') !== owner) linkSync(aside, lock);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  }
  rmSync(aside, { force: true });
}

/**
 * Runs an action while no other process runs one under this lock.
 *
 * @param {string} lock path of the lock file; one that a killed process left behind holds nobody up
 * @param {{ readonly onWait: (owner: string) => void, readonly action: () => void }} steps onWait is told once, before the wait
 */
export function oneAtATime(lock, { onWait, action }) {
  let hasWaited = false;
  while (!take(lock)) {
    const owner = findOwner(lock);
    if (owner === undefined) continue;
    if (owner === String(process.pid) || !isAlive(Number(owner))) {
      clear(lock, owner);
      continue;
    }
    if (!hasWaited) onWait(owner);
    hasWaited = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
  try {
    action();
  } finally {
    rmSync(lock, { force: true });
  }
}
