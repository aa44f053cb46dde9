// The tarball itself: exactly these files, and nothing in it tells of the machine that built it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { entries } from "./packed/tar.mjs";

const { DEALIX_TARBALL, DEALIX_LOCK } = process.env;
const packed = entries(gunzipSync(readFileSync(DEALIX_TARBALL)));
/** Absolute folders of people, builds and toolchains, on any system. */
const FOLDERS =
  /(?:file:\/\/\/?|[^\w.@-])(?:\/(?:home|root|Users|work|builds|tmp|var|nix)\/|[A-Z]:\\|rustc\/[0-9a-f]{40})/;

test("the tarball holds exactly the files that are listed", () => {
  const listed = readFileSync(join(import.meta.dirname, "packed/files.txt"), "utf8")
    .trim()
    .split("\n");
  assert.deepEqual(
    packed.map(({ name }) => name.replace("package/", "")).sort(),
    listed.sort(),
    "add a file that customers need to tests/npm/packed/files.txt",
  );
});

test("the tarball names no owner and no time", () => {
  for (const { name, type, owner, group, modified, mode } of packed) {
    // npm's fixed date, so that the same files are packed into the same bytes.
    assert.deepEqual(
      { type, owner, group, modified },
      { type: "0", owner: "", group: "", modified: 499_162_500 },
      name,
    );
    assert.equal(mode, 0o644, name);
  }
});

test("no file holds a path or a name of the machine that built it", () => {
  const root = dirname(DEALIX_LOCK);
  const names = [root, homedir(), tmpdir(), ".cargo", "registry/src"].filter((name) => name.length > 3);
  for (const { name, content } of packed) {
    const text = content.toString("latin1");
    for (const of of names) assert.ok(!text.includes(of), `${name} holds ${of}`);
    assert.equal(FOLDERS.exec(text)?.[0], undefined, name);
  }
});

test("that check sees a path in a module's data", () => {
  for (const path of ["\0/home/ann/dealix/src/lib.rs", "file:///root/x.js", '"/Users/ann/x"', "\0C:\\Users\\ann"])
    assert.match(`data${path}`, FOLDERS);
});
